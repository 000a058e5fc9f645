from __future__ import annotations

import pytest

from oscine.config import parse
from oscine.core import ConfigError
from oscine.infer.config import ScanConfig


@pytest.mark.parametrize("smoothing", [[1, 1], [1, -1, 1], [1, 0, 1]], ids=str)
def test_weights_without_a_middle_are_refused(smoothing: list[float]) -> None:
    with pytest.raises(ConfigError, match="smoothing"):
        parse(ScanConfig, {"smoothing": smoothing})


@pytest.mark.parametrize("shifts_s", [[0.0], [-2.0, 0.0], [2.0, 2.0]], ids=str)
def test_shifts_that_hear_a_window_twice_are_refused(shifts_s: list[float]) -> None:
    with pytest.raises(ConfigError, match="shifts_s"):
        parse(ScanConfig, {"shifts_s": shifts_s})


@pytest.mark.parametrize(("key", "value"), [("average", "median"), ("file_prior", "sum")])
def test_an_unknown_name_lists_the_choices(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match="mean"):
        parse(ScanConfig, {key: value})


@pytest.mark.parametrize("settings", [{"average": "rank"}, {"file_prior": "max"}], ids=str)
def test_scores_on_another_scale_cannot_be_calibrated(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="calibrate"):
        parse(ScanConfig, {"calibrate": True, **settings})
