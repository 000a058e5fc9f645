from __future__ import annotations

import pytest

from oscine.core import CatalogError
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast.sizes import fit_sizes


@pytest.fixture
def sizes_of(tiny_run, expected_of):
    def count(*overrides, n_devices=1):
        recipe = tiny_run.recipe(*overrides)
        expected = expected_of(RunFolder(tiny_run.path, recipe))
        return {one.name: one for one in fit_sizes(recipe, expected, n_devices)}

    return count


FITS = ["pretrain", "finetune", "baseline", "naive"]


@pytest.mark.parametrize("kind", FITS)
def test_what_a_fit_is_said_to_hear_is_what_it_heard(sizes_of, tiny_run, kind):
    found = sizes_of()[f"{kind}/fold-0"]
    summary = tiny_run.json(f"fits/{kind}/fold-0/fit.json")
    # The training part of the summary is the resampled one; nothing is resampled here.
    assert found.n_training == found.n_clips == summary["n_training"]
    assert found.n_validation == summary["n_validation"]
    assert found.n_classes == summary["n_classes"]
    assert found.n_batches * found.epochs == summary["steps"]


def test_upsampling_makes_an_epoch_longer_and_leaves_the_rows_alone(sizes_of):
    plain = sizes_of()["finetune/fold-0"]
    filled = sizes_of("finetune.sampling.upsample=20")["finetune/fold-0"]
    assert filled.n_training == plain.n_training
    assert filled.n_clips > plain.n_clips


def test_two_devices_halve_the_steps(sizes_of):
    one, two = (sizes_of(n_devices=n)["pretrain/fold-0"].n_batches for n in (1, 2))
    assert two == one // 2


def test_test_time_windows_multiply_those_of_long_recordings_alone(sizes_of):
    plain, more = sizes_of()["finetune/fold-0"], sizes_of("evaluation.tta=3")["finetune/fold-0"]
    assert plain.n_windows == plain.n_validation
    assert plain.n_windows < more.n_windows <= 3 * plain.n_windows


def test_a_fold_with_nothing_to_validate_is_an_error(sizes_of):
    with pytest.raises(CatalogError):
        sizes_of("target_folds.n_folds=50", "target_folds.selected=[49]")
