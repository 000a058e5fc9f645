from __future__ import annotations

import numpy as np
import pytest

from oscine.core import MetricError, OscineError
from oscine.evaluate import ScoreTable


def test_nan_scores_are_refused_with_their_place():
    scores = np.full((3, 2), 0.5)
    scores[1, 0] = np.nan
    with pytest.raises(MetricError, match="row 1, class 0") as caught:
        ScoreTable(np.zeros((3, 2)), scores)
    assert isinstance(caught.value, OscineError)


@pytest.mark.parametrize("shapes", [((3, 2), (3, 3)), ((3,), (3,)), ((2, 3), (3, 2))])
def test_shapes_that_are_no_table_are_refused(shapes):
    with pytest.raises(MetricError, match="not one table"):
        ScoreTable(np.zeros(shapes[0]), np.zeros(shapes[1]))


def test_soft_targets_are_refused():
    with pytest.raises(MetricError, match="neither 0 nor 1"):
        ScoreTable(np.array([[0.3]]), np.array([[0.5]]))


@pytest.mark.parametrize("dtype", [np.bool_, np.int64, np.float32])
def test_targets_may_be_of_any_number_type(dtype):
    table = ScoreTable(np.eye(3, dtype=dtype), np.eye(3))
    assert table.targets.dtype == np.bool_


def test_whole_number_scores_are_taken_as_numbers():
    assert ScoreTable(np.eye(2), np.eye(2, dtype=int)).scores.dtype == np.float64
