"""The W&B key, where it lies, and the server that it is for; the library itself is not loaded."""

from __future__ import annotations

import os
from netrc import NetrcParseError, netrc
from typing import NamedTuple
from urllib.parse import urlsplit

KAGGLE_SECRET = "WANDB"
"""Name under which the key lies in Kaggle's secrets."""

SERVER = "https://api.wandb.ai"
"""W&B's own server; `WANDB_BASE_URL` names another."""


class WandbKey(NamedTuple):
    """A key, and where it was found, which may be said aloud."""

    place: str
    value: str


def wandb_server() -> str:
    """Give the address of the server that runs go to."""
    return os.environ.get("WANDB_BASE_URL", SERVER)


def find_wandb_key() -> WandbKey | None:
    """Look for a W&B key: environment, Kaggle's secrets, netrc; None where there is none."""
    if key := os.environ.get("WANDB_API_KEY"):
        return WandbKey("WANDB_API_KEY", key)
    try:
        from kaggle_secrets import UserSecretsClient

        key = str(UserSecretsClient().get_secret(KAGGLE_SECRET))
        return WandbKey(f"Kaggle's secret {KAGGLE_SECRET}", key)
    except Exception:  # not on Kaggle, or no such secret
        pass
    host = urlsplit(wandb_server()).hostname or ""
    try:
        entry = netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, NetrcParseError):
        return None
    return WandbKey("netrc", entry[2] or "") if entry else None
