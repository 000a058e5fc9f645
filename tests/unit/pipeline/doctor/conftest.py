"""A recipe that needs next to nothing, and what the doctor says of a thing by its topic."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from oscine.pipeline import Recipe
from oscine.pipeline.doctor import Diagnosis

CATALOG = {"name": "a", "source": "folder", "path": "a", "role": "target"}
FEATURES = {"n_fft": 512, "n_mels": 32, "n_frames": 32, "f_min_hz": 150, "f_max_hz": 8000}


@pytest.fixture
def make_recipe():
    def make(**change):
        settings = {
            "catalogs": [CATALOG],
            "audio": {"sample_rate": 16_000, "window_s": 2.0},
            "features": FEATURES,
            "model": {"backbone": "test_efficientnet", "pretrain": "none"},
        }
        return Recipe.model_validate(settings | change)

    return make


@pytest.fixture
def levels():
    def by_topic(found: Iterable[Diagnosis]) -> dict[str, str]:
        return {one.topic: one.level for one in found}

    return by_topic


@pytest.fixture
def without(monkeypatch):
    """Hides packages from whoever asks whether they are installed."""
    import importlib.util

    find = importlib.util.find_spec

    def hide(*names):
        monkeypatch.setattr(
            "importlib.util.find_spec", lambda name: None if name in names else find(name)
        )

    return hide
