import pytest

from oscine.audio.config import AudioConfig
from oscine.config import parse
from oscine.core import ConfigError


def test_the_defaults_are_the_reference_recipes_window():
    config = AudioConfig()
    assert (config.sample_rate, config.window_s) == (32_000, 10.0)


@pytest.mark.parametrize(
    ("key", "value"),
    [("cache", "int8"), ("crop", "last"), ("window_s", 0.0), ("workers", -1), ("mix", "left")],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(key, value):
    with pytest.raises(ConfigError, match=key):
        parse(AudioConfig, {key: value})
