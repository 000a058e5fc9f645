"""Keys: W&B's, where a recipe asks for it, and Xeno-Canto's. None is ever printed."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator

from oscine.pipeline.doctor.diagnosis import Diagnosis, ok, problem, warning
from oscine.pipeline.doctor.weights import unreachable
from oscine.pipeline.recipe import Recipe
from oscine.train.wandb_key import find_wandb_key, wandb_server

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
    key = find_wandb_key()
    if key is None:
        yield warning(
            "w&b",
            "no key is found: it writes offline, and the log says how to sync later",
            "set WANDB_API_KEY, or run `wandb login` once",
        )
        return
    server = wandb_server()
    if (silence := unreachable(server)) is not None:
        yield warning(
            "w&b",
            f"a key is found ({key.place}), but {server} does not answer: {silence}",
            "go online, or set WANDB_MODE=offline",
        )
    else:
        yield ok("w&b", f"a key is found ({key.place}), and {server} answers")
