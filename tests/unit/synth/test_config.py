"""Settings of the chorus: what fits, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from oscine.core import ConfigError
from oscine.synth.config import SIZES, SynthConfig, sized


@pytest.mark.parametrize("size", list(SIZES))
def test_a_named_size_is_a_valid_config_with_the_seed_asked_for(size: str) -> None:
    assert sized(size, seed=7).seed == 7


def test_an_unknown_size_names_the_choices() -> None:
    with pytest.raises(ConfigError, match="tiny"):
        sized("huge")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"n_species_shared": 20}, "n_species_shared"),
        ({"n_species_pretrain": 28}, "28 with names"),
        ({"n_species_shared": 0}, "n_overlap needs"),
        ({"snr_db": (5.0, 0.0)}, "snr_db"),
        ({"duration_s": (0.5, 3.0)}, "1 s or more"),
    ],
)
def test_settings_that_do_not_fit_are_refused_by_name(
    settings: dict[str, object], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        SynthConfig(**settings)
