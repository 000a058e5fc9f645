import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oscine.train.targets import Targets

N_ROWS, N_CLASSES = 6, 4
PLACES = st.tuples(st.integers(0, N_ROWS - 1), st.integers(0, N_CLASSES - 1))


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
