from __future__ import annotations

import numpy as np
import pytest

from oscine.pipeline.stages.out_of_fold import OutOfFold, Pair


@pytest.fixture(scope="module")
def fits(tiny_run):
    folder = tiny_run.opened()
    return [OutOfFold(folder, stage, (0,)) for stage in ("naive", "finetune")]


def test_a_pair_has_the_rows_that_both_scored_in_one_order(fits):
    first, second = fits
    pair = Pair.of(first, second)
    both = [
        name for name in first.table["recording_id"] if name in set(second.table["recording_id"])
    ]
    assert len(pair.truth) == len(pair.groups) == len(both) > 0
    for row, name in enumerate(both):
        for scores, fit in zip(pair.scores, fits, strict=True):
            place = fit.table["recording_id"].to_list().index(name)
            np.testing.assert_array_equal(scores[row], fit.scores[place])
            np.testing.assert_array_equal(pair.truth[row], fit.truth[place])


def test_a_fit_that_left_no_scores_has_no_rows(tiny_run):
    assert len(OutOfFold(tiny_run.opened(), "finetune", (7,))) == 0
