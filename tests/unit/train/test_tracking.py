import pytest
from lightning.pytorch.loggers import TensorBoardLogger, WandbLogger

from oscine.train.config import TrackingConfig
from oscine.train.tracking import find_wandb_key, make_loggers


def test_tensorboard_is_on_and_wandb_off_by_default(tmp_path):
    (logger,) = make_loggers(TrackingConfig(), tmp_path, "fit", "group", {})
    assert isinstance(logger, TensorBoardLogger)


def test_nothing_asked_for_means_no_logger(tmp_path):
    assert make_loggers(TrackingConfig(tensorboard=False), tmp_path, "fit", "group", {}) == []


def test_the_key_is_found_in_the_environment_first(monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    assert find_wandb_key() == "k" * 40


def test_without_a_key_nothing_is_found_and_nobody_is_asked(monkeypatch, tmp_path):
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_wandb_key() is None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_wandb_without_a_key_writes_an_offline_run_with_recipe_group_and_metrics(
    monkeypatch, tmp_path
):
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (logger,) = make_loggers(
        TrackingConfig(tensorboard=False, wandb=True),
        tmp_path,
        "finetune fold 0",
        "the group",
        {"seed": 42},
    )
    assert isinstance(logger, WandbLogger)
    logger.log_metrics({"cmap": 0.5}, step=1)
    run = logger.experiment
    assert (run.group, run.config["seed"]) == ("the group", 42)
    run.finish()
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
