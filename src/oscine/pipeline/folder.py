"""The run folder: where each stage's artifacts lie, and what the folder says about itself."""

from __future__ import annotations

import importlib.metadata
import platform
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oscine import __version__
from oscine.core import (
    ConfigError,
    available_cores,
    read_json,
    usable_memory,
    write_json,
    write_text,
)
from oscine.pipeline.recipe import Recipe

PACKAGES = ("oscine", "numpy", "polars", "torch", "timm", "lightning", "onnxruntime", "soundfile")
"""Packages whose versions a run records."""


@dataclass
class RunFolder:
    """One run on disk.

    Args:
        path: The folder.
        recipe: What it runs.
        fingerprints: Fingerprint of each stage that is up to date.
        missing: Fits that are done elsewhere, and not in this folder yet.
    """

    path: Path
    recipe: Recipe
    fingerprints: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def open(self, command: list[str] | None = None) -> None:
        """Make the folder, or check that it is a run's; write what it says about itself.

        Raises:
            ConfigError: The folder holds something else.
        """
        self.refuse_another()
        self.path.mkdir(parents=True, exist_ok=True)
        stages = read_json(self.about)["stages"] if self.about.exists() else []
        # run.json comes first: it is what makes the folder a run's.
        write_json(self.about, describe(self.recipe, command) | {"stages": stages})
        write_text(self.path / "recipe.yaml", self.recipe.to_yaml())

    def refuse_another(self) -> None:
        """Check that the folder is a run's, or free to become one; nothing is written.

        Raises:
            ConfigError: It holds something else.
        """
        there = self.path.iterdir() if self.path.exists() else iter(())
        if not self.about.exists() and any(not item.name.startswith(".") for item in there):
            raise ConfigError(
                "this folder is not empty and holds no run", where=self.path, fix="choose another"
            )

    @property
    def about(self) -> Path:
        """The file that describes the run."""
        return self.path / "run.json"

    def fit(self, stage: str, fold: int) -> Path:
        """Folder of one fit."""
        return self.path / "fits" / stage / f"fold-{fold}"

    def folds(self, stage: str) -> tuple[int, ...]:
        """Selected folds of a fit of the target that are not missing."""
        selected = self.recipe.target_folds.selected
        return tuple(fold for fold in selected if f"{stage}/fold-{fold}" not in self.missing)

    def bundle(self, fold: int) -> Path:
        """Folder of one fold's bundle."""
        return self.path / "bundle" / f"fold-{fold}"

    def note_stage(self, row: dict[str, Any]) -> None:
        """Record in `run.json` how a stage ended."""
        about = read_json(self.about)
        rows = [old for old in about["stages"] if old["stage"] != row["stage"]]
        write_json(self.about, about | {"stages": [*rows, row]})


def describe(recipe: Recipe, command: list[str] | None) -> dict[str, Any]:
    """Say what a run is, by what versions and on what machine.

    Args:
        recipe: The recipe.
        command: The command line; None: this process's.

    Returns:
        Plain data for `run.json`.
    """
    return {
        "name": recipe.name,
        "comment": recipe.comment,
        "seed": recipe.seed,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["oscine", *(sys.argv[1:] if command is None else command)]),
        "versions": {"python": platform.python_version(), **_versions()},
        "hardware": {
            "cpu": _cpu_name(),
            "cores": available_cores(),
            "memory_gib": _memory_gib(),
            "device": platform.machine(),
        },
        "git": _git_state(),
    }


def _versions() -> dict[str, str]:
    found = {"oscine": __version__}
    for package in PACKAGES[1:]:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_gib() -> float | None:
    memory = usable_memory()
    return None if memory is None else round(memory.total / 2**30, 1)


def _git_state() -> dict[str, Any] | None:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
