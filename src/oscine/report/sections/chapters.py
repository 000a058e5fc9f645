"""Every section of the report, by chapter, in the order of the page."""

from collections.abc import Callable

from oscine.report.blocks import Section
from oscine.report.run import Run
from oscine.report.sections import data, environment, fit, mistakes, scan, scores

CHAPTERS: dict[str, tuple[Callable[[Run], Section], ...]] = {
    "Result": (scores.headline,),
    "Data": (data.waterfall, data.catalogs, data.classes, data.findings, data.folds),
    "Fitting": (fit.learning, fit.exposures),
    "Scores": (
        scores.folds,
        scores.naive,
        scores.by_class,
        mistakes.curves,
        mistakes.confusions,
        mistakes.worst,
    ),
    "Scan": (scan.scan,),
    "Run": (
        fit.throughput,
        environment.environment,
        environment.licenses,
        environment.reproduce,
    ),
}
"""Every section, by chapter, in the order of the page."""
