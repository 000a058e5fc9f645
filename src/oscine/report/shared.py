"""What two contenders both scored, as the metrics take it, and what of theirs is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import ArtifactError
from oscine.evaluate import Fit, per_class
from oscine.report.contenders import Contender, Member, group_names

KEYS = ["recording_id", "primary_label"]


@dataclass(frozen=True)
class Shared:
    """The clips and classes that two contenders both scored.

    Args:
        first: Fits of the first, one for each seed.
        other: Fits of the other.
        paired: Whether the fits of one place have one seed and the same rows.
        codes: Classes that all fits know, in the order of the columns.
        clips: Recordings of the rows, any fit's.
        lost: How many recordings each of the two scored besides: the first's, the other's.
        other_classes: Classes that one of the two does not know.
        relabelled: How many recordings stand under another label in the two.
    """

    first: Sequence[Fit]
    other: Sequence[Fit]
    paired: bool
    codes: Sequence[str]
    clips: pl.DataFrame
    lost: tuple[int, int]
    other_classes: Sequence[str]
    relabelled: int

    @property
    def n_clips(self) -> int:
        """How many recordings are compared."""
        return self.clips.height


def share(first: Contender, other: Contender) -> Shared:
    """Find what two contenders both scored.

    With the same seeds on both sides, the fits of each seed are held against each other on the
    clips that these two scored: folds that a seed dealt otherwise take no clip away. Else only
    clips that every fit scored are compared.

    Raises:
        ArtifactError: They have no class or no clip in common.
    """
    codes = [code for code in first.codes if code in set(other.codes)]
    if not codes:
        raise ArtifactError(
            f"no class is known here and in {first.run.path}",
            where=other.run.path,
            fix="compare runs whose targets share species, under one taxonomy",
        )
    paired = first.seeds == other.seeds or len(first.members) == len(other.members) == 1
    sides = (first.members, other.members)
    sets = [(a, b) for a, b in zip(*sides, strict=True)] if paired else [(*sides[0], *sides[1])]
    rows = [_common(members, codes) for members in sets]
    for members, table in zip(sets, rows, strict=True):
        if table.is_empty():
            raise _nothing_shared(members)
    names = [group_names([*first.members, *other.members], table["recording_id"]) for table in rows]
    fits = [
        [_fit(one, table, codes, groups) for one in members]
        for members, table, groups in zip(sets, rows, names, strict=True)
    ]
    n = len(first.members)
    clips = pl.concat(rows).unique("recording_id", maintain_order=True)
    return Shared(
        first=[pair[0] for pair in fits] if paired else fits[0][:n],
        other=[pair[1] for pair in fits] if paired else fits[0][n:],
        paired=paired,
        codes=codes,
        clips=clips,
        lost=(len(first.recordings) - clips.height, len(other.recordings) - clips.height),
        other_classes=sorted({*first.codes} ^ {*other.codes}),
        relabelled=_relabelled(first, other),
    )


def class_changes(both: Shared) -> pl.DataFrame:
    """Take average precision class by class: species_code, n, first, other, change; by change.

    Of several seeds it is the mean; a class without a clip in one of them is left out.
    """
    before, after = (_class_means(fits) for fits in (both.first, both.other))
    counts = both.clips.group_by("primary_label").len("n")
    table = pl.DataFrame(
        {"species_code": list(both.codes), "first": before, "other": after}
    ).with_columns(pl.col("first", "other").fill_nan(None))
    table = table.join(counts, left_on="species_code", right_on="primary_label", how="inner")
    change = (pl.col("other") - pl.col("first")).alias("change")
    table = table.select("species_code", pl.col("n").cast(pl.Int64), "first", "other", change)
    return table.drop_nulls().sort(["change", "species_code"], descending=[True, False])


def _class_means(fits: Sequence[Fit]) -> NDArray[np.float64]:
    values = [per_class(fit.targets, fit.scores)["average_precision"] for fit in fits]
    return np.asarray(np.mean(values, axis=0))


def _common(members: Sequence[Member], codes: Sequence[str]) -> pl.DataFrame:
    """Find the clips that all of some models scored under one label, in the order of the first."""
    rows = members[0].scored.table.select(KEYS).filter(pl.col("primary_label").is_in(codes))
    for one in members[1:]:
        rows = rows.join(one.scored.table, on=KEYS, how="semi", maintain_order="left")
    return rows


def _fit(one: Member, rows: pl.DataFrame, codes: Sequence[str], groups: Sequence[str]) -> Fit:
    """Take the scores of some clips, and of some classes."""
    column = {code: place for place, code in enumerate(one.scored.codes)}
    places = rows.join(
        one.scored.table.select(KEYS).with_row_index("place"), on=KEYS, maintain_order="left"
    )
    scores = one.scored.scores[places["place"].to_numpy()][:, [column[code] for code in codes]]
    labels = rows["primary_label"].to_numpy()
    return Fit(np.asarray(labels[:, None] == np.array(codes)[None, :]), scores, groups)


def _relabelled(first: Contender, other: Contender) -> int:
    tables = [
        pl.concat([one.scored.table.select(KEYS) for one in side.members]).unique()
        for side in (first, other)
    ]
    both = tables[0].join(tables[1], on="recording_id", suffix="_other")
    moved = both.filter(pl.col("primary_label") != pl.col("primary_label_other"))
    return moved["recording_id"].n_unique()


def _nothing_shared(members: Sequence[Member]) -> ArtifactError:
    seeds = {str(one.seed) for one in members}
    fix = "compare runs of one target catalog, under one name, and of the same selected folds"
    if len(members) > 2 and len(seeds) > 1:
        fix += "; or give the same seeds on both sides, which deal the same folds"
    return ArtifactError(
        f"no clip is scored here and in {members[0].run.path}", where=members[-1].run.path, fix=fix
    )
