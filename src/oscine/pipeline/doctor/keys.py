"""Keys: W&B's, where a recipe asks for it, and Xeno-Canto's. None is ever printed."""

from __future__ import annotations

import importlib.util
import netrc
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from oscine.pipeline.doctor.diagnosis import Diagnosis, ok, problem, warning
from oscine.pipeline.doctor.weights import unreachable
from oscine.pipeline.recipe import Recipe

WANDB_SERVER = "https://api.wandb.ai"

XENO_CANTO_VARIABLE = "XENO_CANTO_KEY"


def keys(recipe: Recipe | None) -> Iterator[Diagnosis]:
    """Look for the keys that a run or a download would use."""
    if recipe is not None and recipe.tracking.wandb:
        yield from _wandb()
    if os.environ.get(XENO_CANTO_VARIABLE, "").strip():
        yield ok("xeno-canto", f"a key is set ({XENO_CANTO_VARIABLE})")
    else:
        yield ok(
            "xeno-canto",
            f"no key ({XENO_CANTO_VARIABLE}); only `oscine download xeno-canto` needs one",
        )


def wandb_key_place() -> str | None:
    """Say where the W&B key would come from; None: there is none, and W&B writes offline."""
    if os.environ.get("WANDB_API_KEY"):
        return "WANDB_API_KEY"
    if importlib.util.find_spec("kaggle_secrets") is not None:
        return "Kaggle's secrets, if the one called WANDB is attached"
    host = urlsplit(os.environ.get("WANDB_BASE_URL", WANDB_SERVER)).hostname or ""
    try:
        entry = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return "netrc" if entry else None


def _wandb() -> Iterator[Diagnosis]:
    if importlib.util.find_spec("wandb") is None:
        yield problem(
            "w&b",
            "tracking.wandb is true, and wandb is not installed",
            "pip install 'oscine[train]'",
        )
        return
    if os.environ.get("WANDB_MODE") in {"offline", "dryrun", "disabled"}:
        yield ok("w&b", f"offline, as WANDB_MODE says ({os.environ['WANDB_MODE']})")
        return
    place = wandb_key_place()
    if place is None:
        yield warning(
            "w&b",
            "no key is found: it writes offline, and the log says how to sync later",
            "set WANDB_API_KEY, or run `wandb login` once",
        )
        return
    server = os.environ.get("WANDB_BASE_URL", WANDB_SERVER)
    if (silence := unreachable(server)) is not None:
        yield warning(
            "w&b",
            f"a key is found ({place}), but {server} does not answer: {silence}",
            "go online, or set WANDB_MODE=offline",
        )
    else:
        yield ok("w&b", f"a key is found ({place}), and {server} answers")
