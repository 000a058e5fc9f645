"""Out-of-fold scores of a run's fits, as arrays: of one fit, and of the rows that two scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog import ClassList
from oscine.evaluate.ranking import Bools
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.stages.folds import read_classes, read_folds

Floats = NDArray[np.float32]


class OutOfFold:
    """The out-of-fold scores of one fit, all its folds pooled.

    Args:
        folder: The run.
        stage: pretrain, finetune, baseline or naive.
        folds: Its folds.
    """

    def __init__(self, folder: RunFolder, stage: str, folds: tuple[int, ...]) -> None:
        self.part = "pretrain" if stage == "pretrain" else "target"
        paths = [folder.fit(stage, fold) / "out_of_fold.parquet" for fold in folds]
        tables = [pl.read_parquet(path) for path in paths if path.exists()]
        self.classes: ClassList = read_classes(folder, self.part)
        self.table = pl.concat(tables) if tables else pl.DataFrame()
        if not len(self.table):
            return
        groups = read_folds(folder, self.part).select("recording_id", "group")
        self.table = self.table.join(groups, on="recording_id", how="left", maintain_order="left")
        self.primary = self.classes.index(self.table["primary_label"], self.table["recording_id"])
        self.truth = np.zeros((len(self.table), len(self.classes)), dtype=np.float32)
        self.truth[np.arange(len(self.primary)), self.primary] = 1.0
        self.scores: Floats = np.array(self.table["scores"].to_list(), np.float32)

    def __len__(self) -> int:
        return len(self.table)

    def known(self) -> Bools:
        """Tell where the truth is known: a secondary label may be in the clip, or beside it."""
        places = {code: place for place, code in enumerate(self.classes.codes)}
        known = np.ones(self.truth.shape, dtype=bool)
        for row, labels in enumerate(self.table["secondary_labels"].to_list()):
            known[row, [places[label] for label in labels or () if label in places]] = False
        known[np.arange(len(self.primary)), self.primary] = True
        return known

    def groups(self) -> list[Any]:
        """Give what each row is resampled with: its group of the folds, even if it was parted."""
        return self.table["group"].to_list()


@dataclass(frozen=True, eq=False)
class Pair:
    """The rows that two fits scored.

    Args:
        truth: [n_rows, n_classes].
        scores: Of the first fit and of the second, each [n_rows, n_classes].
        groups: What each row is resampled with.
    """

    truth: Floats
    scores: tuple[Floats, Floats]
    groups: list[Any]

    @classmethod
    def of(cls, first: OutOfFold, second: OutOfFold) -> Pair:
        """Find the rows that both scored, in the order of the first."""
        other = second.table.select("recording_id").with_row_index("other")
        own = first.table.select("recording_id").with_row_index("own")
        both = own.join(other, on="recording_id", how="inner", maintain_order="left")
        mine, its = both["own"].to_numpy(), both["other"].to_numpy()
        groups = first.groups()
        return cls(
            first.truth[mine],
            (first.scores[mine], second.scores[its]),
            [groups[row] for row in mine],
        )
