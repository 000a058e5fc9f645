"""Targets: labels as values of few classes for each row of a table, dense only a batch at a time.

A table of 100,000 rows and 800 classes would take 320 MB, and as much again for what is left out of
the loss; held are the classes that a row names.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from oscine.catalog import ClassList
from oscine.model.config import LossConfig


class Targets:
    """A matrix of rows and classes, most of which is zero.

    Args:
        values: Value of each (row, class) that is not zero.
        n_rows: Rows of the table.
        n_classes: Length of the class list.

    Example:
        >>> targets = Targets({(0, 1): 1.0, (1, 0): 0.5}, n_rows=3, n_classes=2)
        >>> targets[[1, 0]].tolist()
        [[0.5, 0.0], [0.0, 1.0]]
    """

    def __init__(
        self, values: Mapping[tuple[int, int], float], n_rows: int, n_classes: int
    ) -> None:
        places = np.array(list(values), dtype=np.int64).reshape(-1, 2).T
        held = np.fromiter(values.values(), np.float32, len(values))
        self._held = csr_array((held, tuple(places)), shape=(n_rows, n_classes))
        self._held.eliminate_zeros()

    def __len__(self) -> int:
        return int(self._held.shape[0])

    def __getitem__(self, rows: NDArray[np.int64] | list[int]) -> NDArray[np.float32]:
        """Give some rows, dense, [rows, classes]."""
        dense: NDArray[np.float32] = self._held[rows].toarray()
        return dense

    def dense(self) -> NDArray[np.float32]:
        """Give all rows, dense, [rows, classes]."""
        every: NDArray[np.float32] = self._held.toarray()
        return every

    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Give row, class and value of all that is not zero."""
        found = self._held.tocoo()
        return found.row.astype(np.int64), found.col.astype(np.int64), found.data


def make_targets(
    table: pl.DataFrame, classes: ClassList, config: LossConfig
) -> tuple[Targets, Targets]:
    """Turn labels into targets.

    Args:
        table: Recordings.
        classes: The class list.
        config: Says what secondary labels count as.

    Returns:
        Targets, and how much of each class is left out of the loss; both [rows, classes].

    Raises:
        LabelError: A primary label is not in the class list.
    """
    targets: dict[tuple[int, int], float] = {}
    masked: dict[tuple[int, int], float] = {}
    primary = classes.index(table["primary_label"], table["recording_id"])
    places = {code: place for place, code in enumerate(classes.codes)}
    if config.secondary_labels != "ignore":
        value = config.secondary_weight if config.secondary_labels == "soft" else 1.0
        into = masked if config.secondary_labels == "mask" else targets
        for row, labels in enumerate(table["secondary_labels"].to_list()):
            for label in labels:
                if label in places:
                    into[row, places[label]] = value
    for entry in enumerate(primary.tolist()):
        targets[entry] = 1.0
        masked.pop(entry, None)
    shape = len(table), len(classes)
    return Targets(targets, *shape), Targets(masked, *shape)
