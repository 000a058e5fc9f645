"""Scores of soundscapes beside what people heard in them, each window with its truth.

What is not known is left out and named, never taken for silence: recordings that nobody annotated,
labels that the model has no class for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from oscine.catalog import Crosswalk, Species, Taxon, TaxonomyConfig, TaxonomyTable, read_crosswalk
from oscine.config import Config
from oscine.core import MetricError
from oscine.evaluate.annotations import match_recordings, overlaps, window_targets
from oscine.evaluate.ranking import Bools

NOTHING = ("nocall",)
"""Labels that say that no species was heard."""

WINDOW = ("filepath", "start_s", "end_s")
"""Columns of a scores table that say which window a row is; a column a class follows."""


class AlignConfig(Config):
    """How annotations become the truth of windows."""

    min_overlap_s: float = Field(0.0, ge=0.0)
    """How much of an annotation a window must share to count as positive, s; of a shorter
    annotation it must hold the whole. 0: any part of it, as the competitions count."""
    spans: Literal["recording", "rows"] = "recording"
    """What counts as listened to: whole recordings of which anything is annotated, or only the
    windows that some row (of no call, too) is about."""
    unannotated: Literal["leave_out", "negative"] = "leave_out"
    """What recordings without any annotation are: left out, or without any of the species."""


@dataclass(frozen=True, eq=False)
class AnnotatedWindows:
    """Windows whose truth is known.

    Args:
        windows: filepath, start_s, end_s.
        codes: Species codes of the columns.
        targets: 0 or 1, [n_windows, n_classes].
        scores: 0 to 1, of the same shape.
        unknown_labels: Labels without a class -> how many annotations have them.
        unannotated: Scanned recordings that no annotation is about.
        not_scanned: Recordings of the annotations that were not scanned, as they are named there.
        n_left_out: Scanned windows that are not among these.
    """

    windows: pl.DataFrame
    codes: list[str]
    targets: NDArray[np.float32]
    scores: NDArray[np.float32]
    unknown_labels: Mapping[str, int]
    unannotated: list[str]
    not_scanned: list[str]
    n_left_out: int

    @property
    def groups(self) -> list[str]:
        """The recording of each window, which is what is drawn with replacement."""
        return self.windows["filepath"].to_list()


def resolve_labels(
    labels: Iterable[str], species: Sequence[Species], config: TaxonomyConfig
) -> dict[str, str | None]:
    """Find the class that each label means.

    Args:
        labels: Species codes, scientific names or common names.
        species: The classes.
        config: Taxonomies that know other codes and names, and a crosswalk of one's own.

    Returns:
        Label -> species code of a class; None: no class, or several.

    Raises:
        SourceError: A taxonomy is missing, or lacks a column.
    """
    taxa = {
        s.species_code: Taxon(s.species_code, s.scientific_name, s.common_name) for s in species
    }
    others = read_crosswalk(config)
    crosswalk = Crosswalk((TaxonomyTable(taxa), *others.tables), others.own, others.roll_up_forms)
    found = {label: crosswalk.find(label).code for label in labels}
    return {label: code if code in taxa else None for label, code in found.items()}


def align(
    scores: pl.DataFrame,
    annotations: pl.DataFrame,
    meanings: Mapping[str, str | None],
    config: AlignConfig,
) -> AnnotatedWindows:
    """Give each scanned window what people heard in it.

    Args:
        scores: As `scores.parquet` of a scan.
        annotations: As `read_annotations` gives them.
        meanings: Label -> species code, as `resolve_labels` gives it.
        config: What counts.

    Returns:
        The windows whose truth is known.

    Raises:
        MetricError: No scanned window is annotated.
        SourceError: A name may mean several recordings.
    """
    windows, codes = scores.select(WINDOW), [c for c in scores.columns if c not in WINDOW]
    paths = windows["filepath"].unique(maintain_order=True).to_list()
    matched = match_recordings(annotations["filename"].unique(maintain_order=True), paths)
    annotated = {path for path in matched.values() if path is not None}
    kept = _kept(windows, annotations, annotated, config)
    if not kept.any():
        raise MetricError(
            f"none of the {len(matched)} annotated recordings was scanned",
            where=", ".join(sorted(matched)[:3]),
            fix=f"the scan has {', '.join(sorted(paths)[:3])}; are these the same recordings?",
        )
    labels = annotations["species_code"].drop_nulls().to_list()
    unknown = Counter(
        label for label in labels if meanings.get(label) is None and label.lower() not in NOTHING
    )
    meant = annotations.with_columns(
        species_code=pl.col("species_code").replace_strict(dict(meanings), default=None)
    )
    targets = window_targets(windows, meant, codes, config.min_overlap_s)
    return AnnotatedWindows(
        windows=windows.filter(pl.Series(kept)),
        codes=codes,
        targets=targets[kept],
        scores=scores.select(codes).to_numpy()[kept],
        unknown_labels=dict(sorted(unknown.items())),
        unannotated=[path for path in paths if path not in annotated],
        not_scanned=[name for name, path in matched.items() if path is None],
        n_left_out=int((~kept).sum()),
    )


def _kept(
    windows: pl.DataFrame, annotations: pl.DataFrame, annotated: set[str], config: AlignConfig
) -> Bools:
    """Tell which windows have a known truth."""
    known = windows["filepath"].is_in(list(annotated)).to_numpy()
    if config.spans == "rows":
        rows = overlaps(windows, annotations, config.min_overlap_s)["row"].unique().to_numpy()
        inside = np.zeros(len(windows), dtype=bool)
        inside[rows] = True
        known = known & inside
    if config.unannotated == "negative":
        known = known | ~windows["filepath"].is_in(list(annotated)).to_numpy()
    return np.asarray(known, dtype=bool)
