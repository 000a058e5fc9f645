import pytest
from pydantic import ValidationError

from oscine.train.config import DeviceConfig, FitConfig, OptimizerConfig, SamplingConfig


def test_the_defaults_are_the_reference_recipe_s():
    fit, optimizer, sampling = FitConfig(), OptimizerConfig(), SamplingConfig()
    assert (fit.epochs, fit.batch_size, fit.monitor, fit.drop_remainder) == (25, 32, "pr_auc", True)
    assert (optimizer.name, optimizer.learning_rate) == ("adam", 1e-3)
    assert (optimizer.schedule, optimizer.warmup_epochs) == ("cosine", 5)
    assert sampling.upsample == 50


@pytest.mark.parametrize(
    "bad", [{"epochs": 0}, {"batch_size": 0}, {"monitor": "auc"}, {"ema_decay": 1.0}]
)
def test_settings_that_make_no_fit_are_refused(bad):
    with pytest.raises(ValidationError):
        FitConfig(**bad)


@pytest.mark.parametrize("bad", [{"count": 0}, {"kind": "gpu"}, {"kind": "mps", "count": 2}])
def test_devices_that_no_machine_has_are_refused(bad):
    with pytest.raises(ValidationError):
        DeviceConfig(**bad)


def test_a_result_depends_on_the_global_batch_and_not_on_how_many_share_it():
    assert FitConfig(batch_size=16).result_settings(2) == FitConfig(batch_size=32).result_settings()
