from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast.sizes import fit_sizes
from oscine.pipeline.forecast.storage import cache_bytes, stage_bytes


@pytest.fixture
def expected(tiny_run, expected_of):
    return expected_of(RunFolder(tiny_run.path, tiny_run.recipe()))


def test_a_cache_that_is_filled_does_not_grow(tiny_run, expected):
    assert cache_bytes(tiny_run.recipe(), expected) == 0


def test_an_empty_cache_grows_by_what_a_filled_one_holds(tiny_run, expected, tmp_path):
    recipe = tiny_run.recipe(f"audio.cache_folder={tmp_path}")
    held = [file.stat().st_size for file in (tiny_run.home / "caches").rglob("*.safetensors")]
    # A length is known to a sample, which takes two bytes.
    assert abs(cache_bytes(recipe, expected) - sum(held)) <= 2 * len(held)


def test_a_recipe_without_a_cache_needs_no_room_for_it(tiny_run, expected):
    assert cache_bytes(tiny_run.recipe("audio.cache=none"), expected) == 0


def test_unknown_lengths_are_an_unknown_size(tiny_run, expected, tmp_path):
    recipe = tiny_run.recipe(f"audio.cache_folder={tmp_path}")
    unknown = {
        part: table.with_columns(duration_s=pl.lit(None, dtype=pl.Float64))
        for part, table in expected.parts.items()
    }
    lengths = {part: replace(one, n_read=0) for part, one in expected.lengths.items()}
    assert cache_bytes(recipe, replace(expected, parts=unknown, lengths=lengths)) is None


def test_fits_and_bundles_leave_weights_checkpoints_and_scores(tiny_run, expected, trial):
    recipe = tiny_run.recipe()
    sizes = fit_sizes(recipe, expected, 1)
    found = stage_bytes(recipe, trial, sizes, 77)
    fit = next(size for size in sizes if size.name == "finetune/fold-0")
    assert found["cache"] == 77
    assert found[fit.name] == 16_000 + 4 * fit.n_validation * fit.n_classes
    assert found["bundle"] == 2 * 4000 + 4 * 4 * 32_000


def test_what_was_not_measured_is_left_out(tiny_run, expected, trial):
    recipe = tiny_run.recipe()
    found = stage_bytes(recipe, replace(trial, steps={}), fit_sizes(recipe, expected, 1), None)
    assert found == {}
