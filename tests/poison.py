"""Global random generators that nobody may draw from, nor leave in another state."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch

NUMPY = [
    "choice",
    "normal",
    "permutation",
    "rand",
    "randint",
    "randn",
    "random",
    "random_sample",
    "shuffle",
    "uniform",
]
STANDARD = ["choice", "gauss", "randint", "random", "sample", "shuffle", "uniform"]
TORCH = [
    "bernoulli",
    "multinomial",
    "normal",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
]
IN_PLACE = ["bernoulli_", "exponential_", "normal_", "random_", "uniform_"]


def states() -> tuple[object, list[int], int, list[int]]:
    """The states of the three global generators, comparable."""
    _, keys, place, *_ = np.random.get_state()  # noqa: NPY002 - it is what is looked at
    return random.getstate(), keys.tolist(), place, torch.get_rng_state().tolist()


def poisoned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each draw from a global generator fail for one test, and compare the states after it."""

    def poison(home: object, name: str) -> None:
        draw = getattr(home, name)

        def drawn(*args: object, **named: object) -> object:
            if named.get("generator") is None:
                raise AssertionError(f"{name} draws from global random state")
            return draw(*args, **named)

        monkeypatch.setattr(home, name, drawn)

    before = states()
    for home, names in ((np.random, NUMPY), (random, STANDARD), (torch, TORCH)):
        for name in names:
            poison(home, name)
    for name in IN_PLACE:
        poison(torch.Tensor, name)
    yield
    monkeypatch.undo()
    assert states() == before, "global random state was changed"
