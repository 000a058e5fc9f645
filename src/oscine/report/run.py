"""Reading a run folder: every artifact by its path, None where its stage did not run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from oscine.core import REDO, ArtifactError, read_json
from oscine.evaluate import BootstrapConfig

STAGES: dict[str, str] = {
    "pretrain": "Pretraining",
    "finetune": "Fine-tuned",
    "baseline": "Without pretraining",
    "naive": "With naive folds",
}
"""Fitting stages by the names that readers see."""

PARTS: dict[str, str] = {"pretrain": "Pretraining catalog", "target": "Target catalog"}
"""The two tables of a run by the names that readers see."""


def readable_name() -> pl.Expr:
    """Name a row's species for readers: its common name, or its code where it has none."""
    common = pl.col("common_name").replace("", None)
    return pl.coalesce(common, "species_code").alias("name")


@dataclass(frozen=True)
class Run:
    """A run folder that is only read.

    Args:
        path: The folder; it must hold `run.json`.
    """

    path: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What `run.json` says: name, seed, command, versions, hardware, stages.

        Raises:
            ArtifactError: This is no run folder.
        """
        if not (self.path / "run.json").is_file():
            raise ArtifactError(
                "this is no run folder: it has no run.json",
                where=self.path,
                fix="give the folder that `oscine run` printed",
            )
        facts: dict[str, Any] = read_json(self.path / "run.json")
        return facts

    def json(self, name: str) -> Any:
        """Read a JSON artifact; None where it is absent."""
        path = self.path / name
        return read_json(path) if path.is_file() else None

    def text(self, name: str) -> str | None:
        """Read a text artifact; None where it is absent."""
        path = self.path / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def table(self, name: str) -> pl.DataFrame | None:
        """Read a Parquet artifact; None where it is absent.

        Raises:
            ArtifactError: It is no Parquet file.
        """
        path = self.path / name
        if not path.is_file():
            return None
        try:
            return pl.read_parquet(path)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise ArtifactError("damaged artifact", where=path, fix=REDO) from error

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """The resolved recipe as plain data; empty where it is absent.

        Raises:
            ArtifactError: It is no YAML mapping.
        """
        text = self.text("recipe.yaml")
        if text is None:
            return {}
        try:
            recipe = yaml.safe_load(text)
        except yaml.YAMLError:
            recipe = None
        if not isinstance(recipe, dict):
            raise ArtifactError("damaged artifact", where=self.path / "recipe.yaml", fix=REDO)
        return recipe

    @property
    def level(self) -> str:
        """What share of the draws an interval of its metrics holds, such as `95 %`."""
        evaluation = self.recipe.get("evaluation") or {}
        level = (evaluation.get("bootstrap") or {}).get("level", BootstrapConfig().level)
        return f"{100 * level:g} %"

    def recordings(self, part: str) -> pl.DataFrame | None:
        """Read a part's recordings, as late in the run as there are any.

        Args:
            part: pretrain or target.
        """
        audited = self.table(f"audit/{part}.parquet")
        return self.table(f"catalog/{part}.parquet") if audited is None else audited

    def all_recordings(self) -> pl.DataFrame | None:
        """Read the recordings of both parts, with their `part`; None where there are none."""
        found = {part: self.recordings(part) for part in PARTS}
        tables = [
            table.with_columns(part=pl.lit(part))
            for part, table in found.items()
            if table is not None and table.height
        ]
        return pl.concat(tables) if tables else None

    def classes(self, part: str) -> list[dict[str, str]]:
        """Read a part's class list in the order of the scores; empty where it is absent."""
        return list((self.json("folds/classes.json") or {}).get(part) or [])

    def names(self) -> dict[str, str]:
        """Give each species code the name that readers see."""
        return {
            row["species_code"]: row.get("common_name") or row["species_code"]
            for part in PARTS
            for row in self.classes(part)
        }

    def fits(self) -> list[dict[str, Any]]:
        """Read `fit.json` of every finished fit, in the order of stages and folds."""
        found = [read_json(folder / "fit.json") for folder in self._fit_folders("fit.json")]
        return [fit for fit in found if fit["stage"] in STAGES]

    def histories(self) -> pl.DataFrame:
        """Read every fit's history, one row an epoch, with `stage` and `fold`."""
        return self._stack(
            pl.read_ndjson(folder / "history.jsonl", infer_schema_length=None).with_columns(
                pl.lit(folder.parent.name).alias("stage"), pl.lit(_fold(folder)).alias("fold")
            )
            for folder in self._fit_folders("history.jsonl")
            if (folder / "history.jsonl").stat().st_size
        )

    def exposures(self) -> pl.DataFrame:
        """Read every fit's exposures, one row an epoch and class, with `stage` and `fold`."""
        return self._stack(
            pl.read_parquet(folder / "exposures.parquet").with_columns(
                pl.lit(folder.parent.name).alias("stage"), pl.lit(_fold(folder)).alias("fold")
            )
            for folder in self._fit_folders("exposures.parquet")
        )

    def out_of_fold(self, stage: str) -> pl.DataFrame:
        """Read a stage's out-of-fold rows of all folds."""
        return self._stack(
            pl.read_parquet(folder / "out_of_fold.parquet")
            for folder in self._fit_folders("out_of_fold.parquet")
            if folder.parent.name == stage
        )

    def _fit_folders(self, name: str) -> list[Path]:
        return [
            folder
            for stage in STAGES
            for folder in sorted((self.path / "fits" / stage).glob("fold-*"), key=_fold)
            if (folder / name).is_file()
        ]

    @staticmethod
    def _stack(tables: Any) -> pl.DataFrame:
        found = list(tables)
        return pl.concat(found, how="diagonal_relaxed") if found else pl.DataFrame()


def _fold(folder: Path) -> int:
    return int(folder.name.removeprefix("fold-"))
