"""Where a fit's metrics go: TensorBoard always, Weights & Biases when the recipe asks.

W&B never prompts and never stops a run: without a key it writes offline.
"""

from __future__ import annotations

import logging
import netrc
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger

from oscine.core import fingerprint
from oscine.train.config import TrackingConfig

log = logging.getLogger("oscine")

KAGGLE_SECRET = "WANDB"
"""Name under which the key lies in Kaggle's secrets."""


def find_wandb_key() -> str | None:
    """Look for a W&B key: environment, Kaggle's secrets, netrc; None where there is none."""
    if key := os.environ.get("WANDB_API_KEY"):
        return key
    try:
        from kaggle_secrets import UserSecretsClient

        return str(UserSecretsClient().get_secret(KAGGLE_SECRET))
    except Exception:  # not on Kaggle, or no such secret
        pass
    try:
        entry = netrc.netrc().authenticators("api.wandb.ai")
    except (OSError, netrc.NetrcParseError):
        return None
    return entry[2] if entry else None


def make_loggers(
    config: TrackingConfig, folder: Path, name: str, group: str, recipe: Mapping[str, Any]
) -> list[Logger]:
    """Build the loggers of one fit.

    Args:
        config: The recipe's settings.
        folder: The fit's folder.
        name: Name of the fit.
        group: What fits of one run share (the recipe's comment, else its name).
        recipe: The resolved recipe, logged with the run.

    Returns:
        Lightning loggers, perhaps none.
    """
    loggers: list[Logger] = []
    if config.tensorboard:
        loggers.append(TensorBoardLogger(folder, name="tensorboard", version=""))
    if config.wandb:
        loggers.append(_wandb(config, folder, name, group, recipe))
    return loggers


def close(logger: Logger) -> None:
    """End a fit's logging; W&B would file the next fit under this one's name otherwise."""
    logger.finalize("success")
    if isinstance(logger, WandbLogger):
        logger.experiment.finish()


def _wandb(
    config: TrackingConfig, folder: Path, name: str, group: str, recipe: Mapping[str, Any]
) -> Logger:
    key = find_wandb_key()
    asked = os.environ.get("WANDB_MODE")
    offline = key is None or asked in {"offline", "dryrun"}
    if key and not offline:
        os.environ.setdefault("WANDB_API_KEY", key)
    if offline:
        log.info("W&B: offline; later: wandb sync %s", folder / "wandb" / "offline-run-*")
    os.environ.setdefault("WANDB_SILENT", "true")
    return WandbLogger(
        name=name,
        project=config.wandb_project,
        group=group,
        id=fingerprint(group, name, str(folder)),
        resume="allow",
        save_dir=folder,
        offline=offline,
        config=dict(recipe),
    )
