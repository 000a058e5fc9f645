"""Runs that are compared, and what two of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import ArtifactError
from oscine.evaluate import per_class
from oscine.report.out_of_fold import OutOfFold, read_scores
from oscine.report.run import Run


@dataclass(frozen=True)
class Contender:
    """A run that is compared.

    Args:
        name: What it is called beside the others.
        run: Its folder.
        stage: finetune, baseline or naive.
        scored: Its out-of-fold scores.
    """

    name: str
    run: Run
    stage: str
    scored: OutOfFold


@dataclass(frozen=True)
class Shared:
    """The clips and classes that a run and the first both scored, as the metrics take them.

    Shapes: `truth` and both `scores` [n_rows, n_classes]; `groups` [n_rows].
    """

    truth: NDArray[np.bool_]
    first_scores: NDArray[np.float64]
    scores: NDArray[np.float64]
    groups: Sequence[Any]
    codes: Sequence[str]


def read_contender(name: str, path: Path, stage: str | None) -> Contender:
    """Read a run; see `compare`."""
    run = Run(path)
    _ = run.facts  # asked first, so that a folder that is no run is named as such
    for one in [stage] if stage else ["finetune", "baseline"]:
        scored = read_scores(run, one)
        if scored is not None:
            return Contender(name, run, one, scored)
    raise ArtifactError(
        f"there are no out-of-fold scores of {stage or 'the target'}",
        where=path,
        fix="run it as far as `evaluate`, or choose another --stage",
    )


def name_runs(paths: Sequence[Path]) -> list[str]:
    """Call each run by its folder, and by as many parents as tell it from the others."""
    parts = [path.resolve().parts for path in paths]
    for depth in range(1, max(len(one) for one in parts) + 1):
        names = ["/".join(one[-depth:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    raise ArtifactError("a run is given twice", fix="compare different folders")


def groups_of(one: Contender) -> list[Any]:
    """Give what each clip is resampled with: its group of the folds, else itself."""
    table = one.scored.table
    folds = one.run.table("folds/target.parquet")
    if folds is None:
        return table["recording_id"].to_list()
    joined = table.select("recording_id").join(
        folds.select("recording_id", "group"),
        on="recording_id",
        how="left",
        maintain_order="left",
    )
    return joined.select(pl.coalesce("group", "recording_id")).to_series().to_list()


def share(first: Contender, other: Contender) -> Shared:
    """Find the clips, and the classes, that two runs both scored."""
    codes = [code for code in first.scored.codes if code in set(other.scored.codes)]
    rows = (
        first.scored.table.select("recording_id", "primary_label")
        .with_row_index("own")
        .filter(pl.col("primary_label").is_in(codes))
        .join(
            other.scored.table.select("recording_id", "primary_label").with_row_index("other"),
            on=["recording_id", "primary_label"],
            how="inner",
            maintain_order="left",
        )
    )
    own, place = rows["own"].to_numpy(), rows["other"].to_numpy()
    groups = groups_of(first)
    return Shared(
        truth=np.asarray(rows["primary_label"].to_numpy()[:, None] == np.array(codes)[None, :]),
        first_scores=first.scored.scores[own][:, _places(first, codes)],
        scores=other.scored.scores[place][:, _places(other, codes)],
        groups=[groups[row] for row in own],
        codes=codes,
    )


def class_changes(both: Shared) -> pl.DataFrame:
    """Take average precision class by class: species_code, n, first, other, change; by change."""
    before = per_class(both.truth, both.first_scores)["average_precision"]
    after = per_class(both.truth, both.scores)["average_precision"]
    table = pl.DataFrame(
        {
            "species_code": list(both.codes),
            "n": both.truth.sum(axis=0).astype(int),
            "first": before,
            "other": after,
        }
    ).with_columns(pl.col("first", "other").fill_nan(None))
    change = (pl.col("other") - pl.col("first")).alias("change")
    order = ["change", "species_code"]
    return table.drop_nulls().with_columns(change).sort(order, descending=[True, False])


def _places(one: Contender, codes: Sequence[str]) -> list[int]:
    place = {code: index for index, code in enumerate(one.scored.codes)}
    return [place[code] for code in codes]
