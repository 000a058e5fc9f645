import pytest
from pydantic import ValidationError

from oscine.evaluate import EvaluateConfig


def test_the_defaults_are_the_reference_recipe_s():
    config = EvaluateConfig()
    assert (config.tta, config.batch_multiplier, config.keep_columns) == (1, 2, ("filename",))


@pytest.mark.parametrize(
    "bad", [{"tta": 0}, {"batch_multiplier": 0}, {"bootstrap": {"n": 0}}, {"metrics": ["cmap"]}]
)
def test_settings_that_evaluate_nothing_are_refused(bad):
    with pytest.raises(ValidationError):
        EvaluateConfig(**bad)
