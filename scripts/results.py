"""Make the runs that docs/results.md tells of, then its tables; the settings are in a recipe.

    OMP_NUM_THREADS=1 python scripts/results.py runs WEIGHTS [random-0 imagenet-0 ...]
    python scripts/results.py page

The first takes an hour or two, and goes on where it was killed; runs that are up to date are left.
The second reads the run folders alone. WEIGHTS is a file of ImageNet weights: docs/howto/offline.md
says where one is.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from duets import make_duets
from results_page import write_page

from oscine.cli.terminal import set_up_logging
from oscine.core import write_json
from oscine.pipeline import Recipe, load_recipe
from oscine.pipeline import run as run_recipe

ROOT = Path(__file__).resolve().parents[1]
RUNS = Path("runs/results")
SEEDS = (0, 1, 2)
SHARED_STAGES = ("catalog", "audit", "cache")
"""What runs of one catalog have in common, whatever their seed."""

ALONE = {
    # Upsampled epochs are longer: three have 33 steps, as four plain ones have 32.
    "upsampling": ["finetune.sampling.upsample=16", "finetune.epochs=3"],
    "specaug": [
        "finetune.augment.frequency_masks.probability=0.5",
        "finetune.augment.time_masks.probability=0.5",
    ],
    "mixup": ["finetune.augment.mixup.probability=0.5"],
    "smoothing": ["finetune.loss.label_smoothing=0.05"],
}
"""What each run changes of the plain fine-tuning from ImageNet's weights, without pretraining."""

SECONDARY = {
    "duets-ignore": [],
    "duets-mask": ["finetune.loss.secondary_labels=mask"],
    "duets-positive": ["finetune.loss.secondary_labels=positive"],
}
"""What each run does with secondary labels, on clips of two voices."""


@dataclass(frozen=True)
class Trial:
    """One run.

    Args:
        name: Its folder, without the seed.
        seed: Its seed.
        changes: Settings that differ from the recipe.
        family: The trial that has the same catalogs and is run first.
    """

    name: str
    seed: int
    changes: list[str]
    family: str = "random"

    @property
    def folder(self) -> Path:
        """Its run folder."""
        return RUNS / f"{self.name}-{self.seed}"

    def recipe(self) -> Recipe:
        """Read its recipe."""
        overrides = [f"name={self.folder.name}", f"seed={self.seed}", *self.changes]
        return load_recipe(str(ROOT / "examples/results.yaml"), overrides)


def trials(weights: Path, duets: Path) -> Iterator[Trial]:
    """List all runs, seed by seed."""
    start = f"model.pretrain={weights}"
    alone = [start, "pretrain=null", "baseline=false"]
    catalog = f"{{name: duets, source: table, path: {duets}, table: duets.csv, role: target}}"
    for seed in SEEDS:
        yield Trial("random", seed, [])
        yield Trial("imagenet", seed, [start])
        for name, changes in ALONE.items():
            yield Trial(name, seed, [*alone, *changes])
    for seed in SEEDS:
        for name, changes in SECONDARY.items():
            both = [*alone, f"catalogs=[{catalog}]", *changes]
            yield Trial(name, seed, both, "duets-ignore")


def bring_up_to_date(trial: Trial) -> None:
    """Run what of a trial is not done."""
    start_from(RUNS / f"{trial.family}-{SEEDS[0]}", trial.folder)
    run_recipe(trial.recipe(), trial.folder, ["evaluate"])


def start_from(donor: Path, folder: Path) -> None:
    """Give a new run folder the stages that it shares with another: it skips those that fit."""
    if folder.exists() or not donor.exists():
        return
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "stages").mkdir(parents=True)
    for stage in SHARED_STAGES:
        record = donor / "stages" / f"{stage}.json"
        if not record.exists():
            break
        shutil.copy(record, partial / "stages")
        if (donor / stage).exists():
            shutil.copytree(donor / stage, partial / stage)
    write_json(partial / "run.json", {"stages": []})
    partial.rename(folder)


def make_runs(weights: Path, names: list[str]) -> None:
    """Bring the named runs up to date, or all, and make the clips of two voices that some need."""
    duets = (RUNS / "duets").resolve()
    for trial in trials(weights.resolve(), duets):
        if names and trial.folder.name not in names:
            continue
        if trial.name in SECONDARY:
            make_duets(RUNS / f"random-{SEEDS[0]}", duets)
        bring_up_to_date(trial)


def main(words: list[str]) -> None:
    """Do what the command line says."""
    set_up_logging(True)
    match words:
        case ["runs", weights, *names]:
            make_runs(Path(weights), names)
        case ["page"]:
            write_page(RUNS, ROOT / "docs" / "results.md")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
