"""Weights & Biases that cannot stop a run: no prompt, no crash, no waiting for the network.

Without a key, or where the server does not answer, the run is written offline. What fails later is
warned of once, and the rest of that run is left out.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from oscine.core import read_json, write_json
from oscine.train.wandb_key import find_wandb_key

log = logging.getLogger("oscine")

Mode = Literal["online", "offline", "disabled"]

INIT_S = 10.0
"""How long the server may take to answer before the run is written offline, s."""


@dataclass
class WandbRun:
    """A W&B run, and the care that it stops nothing.

    Args:
        folder: Where W&B writes, in its subfolder `wandb`; its `wandb.json` keeps the run's id, so
            that whoever goes on with the folder goes on with the run.
        project: The project.
        group: What the runs of one recipe share.
        name: What it is called in the group.
        kind: What it did; W&B's job type.
        fingerprint: Of what it tells; a folder with another one gets a run of its own.
        config: The recipe, and what else tells runs apart.
        finish_s: How long the upload at its end may take before it is left to `wandb sync`, s.
    """

    folder: Path
    project: str
    group: str
    name: str
    kind: str
    fingerprint: str
    config: Mapping[str, Any]
    finish_s: float = 20.0
    live: Any = field(default=None, init=False)

    def open(self) -> None:
        """Start the run, or go on with it; offline without a key or a server that answers."""
        asked = os.environ.get("WANDB_MODE", "online")
        found = find_wandb_key() if asked == "online" else None
        mode: Mode = "online" if found else "disabled" if asked == "disabled" else "offline"
        ways: tuple[Mode, ...] = (mode, "offline")
        for way in dict.fromkeys(ways):
            try:
                self.live = self._init(way, found.value if found else None)
                break
            except Exception as error:
                log.warning("W&B: it does not start %s (%s)", way, _first_line(error))
                _forget_service()
        if self.live is not None:
            self._tell()

    def attempt(self, what: str, action: Callable[[Any], Any]) -> None:
        """Do something with the W&B run; if that fails, warn, and leave the rest out.

        Args:
            what: What is done, for the warning.
            action: Is given the `wandb.Run`; not called where there is none.
        """
        if self.live is None:
            return
        try:
            action(self.live)
        except Exception as error:
            log.warning(
                "W&B: %s failed (%s); this run goes on without it", what, _first_line(error)
            )
            self.live = None
            _forget_service()

    def close(self, exit_code: int = 0) -> bool:
        """End the run.

        Args:
            exit_code: 0: it came to its end; else: it was stopped, and may be gone on with.

        Returns:
            Whether W&B took everything.
        """
        self.attempt("finishing", lambda live: live.finish(exit_code=exit_code))
        whole = self.live is not None
        self.live = None
        return whole

    def _init(self, mode: Mode, key: str | None) -> Any:
        import wandb

        settings = wandb.Settings(
            init_timeout=INIT_S,
            finish_timeout=self.finish_s,
            silent=True,
            console="off",
            **({"api_key": key} if key else {}),
        )
        return wandb.init(
            project=self.project,
            group=self.group,
            name=self.name,
            job_type=self.kind,
            id=self._id(),
            resume="allow",
            reinit="create_new",  # whoever calls may have a run of his own
            dir=self.folder,
            config=dict(self.config),
            mode=mode,
            settings=settings,
        )

    def _id(self) -> str:
        path = self.folder / "wandb.json"
        known = read_json(path) if path.exists() else {}
        if known.get("fingerprint") != self.fingerprint:
            known = {"fingerprint": self.fingerprint, "id": secrets.token_hex(4)}
            write_json(path, known)
        return str(known["id"])

    def _tell(self) -> None:
        settings = self.live.settings
        if self.live.offline:
            log.info("W&B: offline; to upload it later: wandb sync %s", settings.sync_dir)
        elif self.live.url:
            log.info("W&B: %s", self.live.url)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _forget_service() -> None:
    """Let the next run of this process start a service of its own; the one there may be dead."""
    with suppress(Exception):
        import wandb

        wandb.teardown()
