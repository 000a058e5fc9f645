"""How far a clip's best wrong score exceeds its right one: what was recognised worst, and best.

The margin of Schapire et al. (1998), "Boosting the margin", with its sign turned round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray


def rank_by_margin(table: pl.DataFrame, scores: NDArray[Any], codes: Sequence[str]) -> pl.DataFrame:
    """Order scored rows by how far the highest wrong score exceeds the right one.

    A voice in the background is no mistake: a secondary label is neither wrong nor right.

    Args:
        table: recording_id, primary_label (all in the class list) and secondary_labels.
        scores: Scores, [n_rows, n_classes].
        codes: The class list.

    Returns:
        The rows, the worst first, with `right`, `wrong` (the scores) and `predicted` (whose the
        wrong one is); without those all of whose classes are in the recording.
    """
    place = {code: column for column, code in enumerate(codes)}
    heard = np.zeros(scores.shape, dtype=bool)
    for row, labels in enumerate(table.select("primary_label", "secondary_labels").rows()):
        for code in (labels[0], *(labels[1] or ())):
            if code in place:
                heard[row, place[code]] = True
    own = [place[code] for code in table["primary_label"]]
    others = np.where(heard, -np.inf, scores)
    ranked = table.with_columns(
        pl.Series("right", scores[np.arange(len(scores)), own], dtype=pl.Float64),
        pl.Series("wrong", others.max(axis=1), dtype=pl.Float64),
        pl.Series("predicted", [codes[k] for k in others.argmax(axis=1)], dtype=pl.String),
    )
    margin = pl.col("wrong") - pl.col("right")
    return ranked.filter(pl.col("wrong").is_finite()).sort(
        margin, "recording_id", descending=[True, False]
    )
