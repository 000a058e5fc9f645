"""Every section of each page, by chapter, in the order of the page."""

from collections.abc import Callable, Mapping

from oscine.report.blocks import Section
from oscine.report.run import Run
from oscine.report.sections import (
    by_fold,
    calibration,
    classes,
    data,
    environment,
    exposures,
    findings,
    fit,
    licences,
    long_tail,
    mistakes,
    places,
    previews,
    recordings,
    scan,
    scores,
    taxonomy,
)

Chapters = Mapping[str, tuple[Callable[[Run], Section], ...]]
"""Makers of sections, by the chapter that they stand in."""

CHAPTERS: Chapters = {
    "Result": (scores.headline,),
    "Data": (
        data.waterfall,
        data.catalogs,
        classes.classes,
        places.places,
        places.recordists,
        findings.findings,
        data.folds,
    ),
    "Fitting": (fit.learning, exposures.exposures),
    "Scores": (
        by_fold.folds,
        scores.naive,
        long_tail.long_tail,
        scores.by_class,
        mistakes.curves,
        calibration.calibration,
        mistakes.confusions,
        mistakes.worst,
        mistakes.best,
    ),
    "Scan": (scan.scan,),
    "Run": (
        fit.throughput,
        environment.environment,
        licences.licenses,
        environment.reproduce,
    ),
}
"""Every section of the report of a run."""

CATALOG_CHAPTERS: Chapters = {
    "Rows": (data.waterfall, data.catalogs, previews.first_recordings),
    "Classes": (classes.classes, classes.class_table, taxonomy.taxonomy),
    "Origin": (places.places, places.recordists, licences.licenses),
    "Sound": (
        recordings.durations,
        recordings.rates,
        recordings.ratings,
        recordings.types,
    ),
    "Findings": (findings.findings, findings.conflicts, findings.pictured),
    "Folds": (data.folds,),
    "Run": (environment.environment, environment.reproduce),
}
"""Every section of the report of the catalogs."""
