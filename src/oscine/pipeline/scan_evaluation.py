"""A scan held against what people heard: metrics, classes, curves, and the gap to focal clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from oscine.catalog import Species, TaxonomyConfig
from oscine.core import ScanError, atomic_path, read_json, write_json
from oscine.evaluate import (
    AlignConfig,
    AnnotatedWindows,
    BootstrapConfig,
    align,
    bootstrap_classes,
    bootstrap_intervals,
    read_annotations,
    resolve_labels,
)
from oscine.evaluate.soundscapes import WINDOW
from oscine.infer.result import DETECTIONS_FILE, SCORES_FILE
from oscine.model.bundle import BundleInfo, read_bundle
from oscine.pipeline.scan_classes import class_rows, class_table, curve_table, focal_gap

RECORD_FILE = "settings.json"
"""The bundles of a scan and its settings, as the scan left them."""

METRICS_FILE = "metrics.json"
CLASSES_FILE = "per_class.parquet"
CURVES_FILE = "curves.parquet"

SEED = 42
"""Seed of the bootstrap's draws, as the recipes' default."""


@dataclass(frozen=True)
class AnnotatedScan:
    """A scan, and what people heard in its recordings.

    Args:
        scan: The scan's folder.
        annotations: As `read_annotations` takes them.
        bundle: The bundle that scanned; None: what the scan says, if it does. Without any, names
            and focal metrics are not known.
        label_column: Column of a selection table that holds the label; None: the usual one.
        taxonomy: What knows labels that are no code or name of the bundle.
        alignment: What counts as the truth of a window.
    """

    scan: Path
    annotations: Path
    bundle: Path | None = None
    label_column: str | None = None
    taxonomy: TaxonomyConfig = field(default_factory=TaxonomyConfig)
    alignment: AlignConfig = field(default_factory=AlignConfig)

    def info(self) -> BundleInfo | None:
        """Read what the bundle says of itself; None: it is not named, or not there any more.

        Without a name it is the first of those that the scan's own record names.
        """
        if self.bundle is not None:
            return read_bundle(self.bundle).info
        first = [Path(path) for path in read_record(self.scan).get("bundles", [])[:1]]
        found = [read_bundle(path).info for path in first if path.is_dir()]
        codes = read_scores(self.scan).columns[len(WINDOW) :]
        # A scan by several bundles may have classes that the first does not know.
        return next((info for info in found if info.species_codes() == codes), None)

    @property
    def is_calibrated(self) -> bool:
        """Whether the scan says that its scores are probabilities."""
        return bool(read_record(self.scan).get("settings", {}).get("calibrate", False))

    def align(self, info: BundleInfo | None) -> tuple[AnnotatedWindows, list[Species]]:
        """Give each scanned window what people heard in it, and name the classes.

        Raises:
            ScanError: This is no scan, or its classes are not the bundle's.
            CatalogError: The annotations cannot be read.
            MetricError: No scanned window is annotated.
        """
        scores = read_scores(self.scan)
        species = _species(self.scan, scores.columns[len(WINDOW) :], info)
        annotations = read_annotations(self.annotations, self.label_column)
        labels = annotations["species_code"].drop_nulls().unique().to_list()
        meanings = resolve_labels(labels, species, self.taxonomy)
        return align(scores, annotations, meanings, self.alignment), species


def read_scores(scan: Path) -> pl.DataFrame:
    """Read the scores of a scan's folder.

    Raises:
        ScanError: There are none.
    """
    path = scan / SCORES_FILE
    if not path.is_file():
        raise ScanError(f"no scan: it lacks {SCORES_FILE}", where=scan, fix="give a scan's folder")
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ScanError(f"damaged scores: {error}", where=path, fix="scan again") from error


def read_record(scan: Path) -> dict[str, Any]:
    """Read what a scan says of how it was made; empty where it does not."""
    path = scan / RECORD_FILE
    record: dict[str, Any] = read_json(path) if path.is_file() else {}
    return record


def _species(scan: Path, codes: Sequence[str], info: BundleInfo | None) -> list[Species]:
    """Name the classes: by the bundle, else by what was detected, else by their codes alone."""
    if info is not None:
        if info.species_codes() != list(codes):
            raise ScanError(
                f"its {len(codes)} classes are not the {len(info.species)} of the bundle",
                where=scan,
                fix="give the bundle that made this scan",
            )
        rows = [one.model_dump() for one in info.species]
        return [Species(**row) for row in rows]
    path, names = scan / DETECTIONS_FILE, ("species_code", "scientific_name", "common_name")
    told = (
        pl.read_parquet(path, columns=list(names)).unique("species_code")
        if path.is_file()
        else None
    )
    known = {} if told is None else {row["species_code"]: row for row in told.iter_rows(named=True)}
    return [Species(**known.get(code, {"species_code": code})) for code in codes]


def evaluate_scan(
    asked: AnnotatedScan, out: Path, bootstrap: BootstrapConfig | None = None
) -> dict[str, Any]:
    """Hold a scan against annotations, and write what comes of it.

    Args:
        asked: The scan and the annotations.
        out: Folder for `metrics.json`, `per_class.parquet` and `curves.parquet`.
        bootstrap: Draws and level of the intervals; recordings are drawn.

    Returns:
        What `metrics.json` holds.

    Raises:
        ScanError: This is no scan, or it is not of the bundle.
        CatalogError: The annotations cannot be read.
        MetricError: Nothing is annotated, or the scores cannot be scored.
    """
    config, info = bootstrap or BootstrapConfig(), asked.info()
    found, species = asked.align(info)
    if info is not None and asked.is_calibrated:
        # Thresholds are of uncalibrated scores, which this scan does not hold.
        info = info.model_copy(update={"thresholds": {}})
    table = (found.targets, found.scores, found.groups, SEED, config)
    by_class = bootstrap_classes(*table)
    rows = class_rows(found, species, by_class, info)
    pooled = bootstrap_intervals(*table)
    told = {
        "scan": str(asked.scan),
        "annotations": str(asked.annotations),
        "bundle": None if info is None else info.name,
        "is_calibrated": asked.is_calibrated,
        "settings": asked.alignment.to_plain() | {"bootstrap": config.to_plain()},
        "n_recordings": len(set(found.groups)),
        "n_windows": len(found.windows),
        "n_windows_left_out": found.n_left_out,
        "n_positive": int(found.targets.sum()),
        "n_classes": len(found.codes),
        "n_scored": sum(row["reason"] is None for row in rows),
        "metrics": {name: value and value.to_plain() for name, value in pooled.items()},
        "gap": None if info is None else focal_gap(rows, info),
        "not_scored": {row["species_code"]: row["reason"] for row in rows if row["reason"]},
        "unknown_labels": found.unknown_labels,
        "unannotated": found.unannotated,
        "not_scanned": found.not_scanned,
    }
    with atomic_path(out / CLASSES_FILE) as partial:
        class_table(rows).write_parquet(partial)
    with atomic_path(out / CURVES_FILE) as partial:
        curve_table(found.codes, by_class).write_parquet(partial)
    write_json(out / METRICS_FILE, told)
    return told
