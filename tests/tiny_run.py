"""A whole run in seconds: the tiny chorus, a recipe for it, and what a recipe would do again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from oscine.core import read_json
from oscine.pipeline import Recipe, load_recipe, plan, run
from oscine.pipeline.folder import RunFolder
from oscine.synth import render, sized

RECIPE = """\
name: tiny
seed: 42
baseline: true
compare_naive: true
catalogs:
  - {name: year_a, source: birdclef2023, path: chorus/year_a, role: pretrain}
  - {name: year_b, source: birdclef2023, path: chorus/year_b, role: target}
audio: {sample_rate: 16000, window_s: 2.0, cache: int16, workers: 2}
features: {n_fft: 512, n_mels: 32, n_frames: 32, f_min_hz: 150, f_max_hz: 8000}
model: {backbone: test_efficientnet, pretrain: none}
pretrain_folds: {n_folds: 3, cv_filter: 2}
target_folds: {n_folds: 2, cv_filter: 2}
pretrain: &stage
  epochs: 2
  batch_size: 8
  monitor: cmap
  checkpoint_every_s: 0
  sampling: {upsample: null}
finetune: {<<: *stage, epochs: 1}
evaluation: {bootstrap: {n: 20}}
tracking: {tensorboard: false}
scan:
  paths: [chorus/year_b/train_soundscapes]
  annotations: chorus/year_b/train_soundscapes_labels.csv
  settings: {threshold: 0.2}
"""
"""Everything switched on, and the smallest of each: the run's time is that of importing torch."""


@dataclass(frozen=True)
class TinyRun:
    """A run of the tiny chorus.

    Args:
        home: Holds the recipe, the chorus and the decode cache.
        path: The run folder.
    """

    home: Path
    path: Path

    @property
    def chorus(self) -> Path:
        """The folder that `oscine synth` made."""
        return self.home / "chorus"

    @property
    def recipe_file(self) -> Path:
        """The recipe."""
        return self.home / "tiny.yaml"

    @property
    def cache_override(self) -> str:
        """The one path of a recipe that is not relative to its file."""
        return f"audio.cache_folder={self.home / 'caches'}"

    def recipe(self, *overrides: str) -> Recipe:
        """Read the recipe, with settings changed."""
        return load_recipe(str(self.recipe_file), [self.cache_override, *overrides])

    def run(
        self, *overrides: str, stages: list[str] | None = None, folds: list[int] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Run it, or go on with it; gives what each stage said, by its name."""
        rows = run(self.recipe(*overrides), self.path, stages, ["run", "tiny.yaml"], folds)
        return {row["stage"]: row for row in rows}

    def opened(self, *overrides: str) -> RunFolder:
        """Open the run folder with the fingerprints that a recipe's stages have in it."""
        folder = RunFolder(self.path, self.recipe(*overrides))
        for stage in plan(folder.recipe):
            folder.fingerprints[stage.name] = stage.fingerprint(folder)
        return folder

    def stale(self, *overrides: str) -> set[str]:
        """Tell which stages of a finished run would be done again, without running any."""
        folder = self.opened(*overrides)
        done = {
            row["stage"]: row["fingerprint"]
            for row in map(read_json, (self.path / "stages").glob("*.json"))
        }
        return {name for name, value in folder.fingerprints.items() if done.get(name) != value}

    def copied(self, path: Path) -> TinyRun:
        """Copy the run folder, to change it; home stays shared."""
        shutil.copytree(self.path, path)
        return replace(self, path=path)

    def elsewhere(self, path: Path) -> TinyRun:
        """Name another run folder of the same home."""
        return replace(self, path=path)

    def table(self, name: str) -> pl.DataFrame:
        """Read a Parquet file of the run folder."""
        return pl.read_parquet(self.path / name)

    def json(self, name: str) -> Any:
        """Read a JSON file of the run folder."""
        return read_json(self.path / name)


def settle(home: Path, run_name: str = "run") -> TinyRun:
    """Make the chorus and write the recipe; nothing is run yet."""
    render(sized("tiny"), home / "chorus")
    made = TinyRun(home, home / run_name)
    made.recipe_file.write_text(RECIPE, encoding="utf-8")
    return made
