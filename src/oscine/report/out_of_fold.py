"""Out-of-fold scores of a stage as arrays, checked against the class list."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import ArtifactError
from oscine.report.run import Run


class OutOfFold(NamedTuple):
    """The rows of all folds, their scores [n_rows, n_classes], and the codes of the columns."""

    table: pl.DataFrame
    scores: NDArray[np.float64]
    codes: list[str]

    def targets(self) -> NDArray[np.bool_]:
        """Give the truth as the metrics take it: the primary label, [n_rows, n_classes]."""
        labels = self.table["primary_label"].to_numpy()
        return np.asarray(labels[:, None] == np.array(self.codes)[None, :])


def read_scores(run: Run, stage: str) -> OutOfFold | None:
    """Read a stage's out-of-fold scores; None where there are none.

    Args:
        run: The run.
        stage: finetune or baseline.

    Returns:
        The rows whose label is in the class list.

    Raises:
        ArtifactError: The scores do not fit the class list.
    """
    codes = [row["species_code"] for row in run.classes("target")]
    table = run.out_of_fold(stage)
    if not codes or table.is_empty():
        return None
    table = table.filter(pl.col("primary_label").is_in(codes))
    lengths = table["scores"].list.len().unique().to_list()
    if lengths not in ([], [len(codes)]):
        raise ArtifactError(
            f"out-of-fold rows of {lengths} scores for {len(codes)} classes",
            where=run.path / "fits" / stage,
            fix="run the stage again",
        )
    if not lengths:
        return None
    flat = table["scores"].explode().to_numpy().astype(np.float64)
    return OutOfFold(table.drop("scores"), flat.reshape(-1, len(codes)), codes)
