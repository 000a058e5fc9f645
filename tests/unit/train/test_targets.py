import tracemalloc

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tones
from oscine.catalog import class_list
from oscine.core import LabelError
from oscine.model.config import LossConfig
from oscine.train.targets import Targets, make_targets

N_ROWS, N_CLASSES = 6, 4
PLACES = st.tuples(st.integers(0, N_ROWS - 1), st.integers(0, N_CLASSES - 1))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return tones.recordings(tmp_path_factory.mktemp("tones"), 7)


def matrix(values):
    dense = np.zeros((N_ROWS, N_CLASSES), np.float32)
    for place, value in values.items():
        dense[place] = value
    return dense


@given(
    st.dictionaries(PLACES, st.sampled_from([0.0, 0.25, 1.0])),
    st.lists(st.integers(0, N_ROWS - 1)),
)
def test_rows_are_those_of_the_dense_matrix(values, rows):
    targets, dense = Targets(values, N_ROWS, N_CLASSES), matrix(values)
    assert np.array_equal(targets[rows], dense[np.array(rows, dtype=int)])
    assert np.array_equal(targets.dense(), dense)
    assert len(targets) == N_ROWS


@given(st.dictionaries(PLACES, st.sampled_from([0.0, 0.25, 1.0])))
def test_entries_are_what_is_not_zero(values):
    row, place, value = Targets(values, N_ROWS, N_CLASSES).entries()
    assert np.array_equal((row, place), np.nonzero(matrix(values)))
    assert np.array_equal(value, matrix(values)[row, place])


def test_a_row_is_held_in_bytes_not_in_classes():
    values = {(row, row % 1000): 1.0 for row in range(2000)}
    tracemalloc.start()
    targets = Targets(values, 2000, 1000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(targets) == 2000
    assert held < 2000 * 100  # dense, a row has 4,000 bytes


@pytest.mark.parametrize(
    ("policy", "target", "masked"),
    [("ignore", 0.0, 0.0), ("positive", 1.0, 0.0), ("soft", 0.3, 0.0), ("mask", 0.0, 1.0)],
)
def test_a_secondary_label_counts_as_the_recipe_says(table, policy, target, masked):
    table = (
        table.head(1)
        .with_columns(
            pl.Series("secondary_labels", [["mid", "unheard of"]]),
        )
        .vstack(table.tail(20))
    )
    classes = class_list(table)
    place = classes.codes.index("mid")
    targets, left_out = make_targets(
        table, classes, LossConfig(secondary_labels=policy, secondary_weight=0.3)
    )
    assert targets[[0]][0, place] == pytest.approx(target)
    assert left_out[[0]][0, place] == masked
    assert targets[[0]].max() == 1.0


def test_a_label_that_is_missing_from_the_class_list_is_an_error(table):
    """In the reference recipe it became NaN without a word."""
    with pytest.raises(LabelError, match="high"):
        make_targets(
            table, class_list(table.filter(pl.col("primary_label") != "high")), LossConfig()
        )
