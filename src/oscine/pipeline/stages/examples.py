"""The `examples` stage: the clips that were recognised worst and best, to see and to hear.

Of each clip one window is kept as the model heard it: its sound, its log-mel image in dB, and maps
of what speaks for the label and, of the worst, for what the clip was taken for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import soundfile
from numpy.typing import NDArray
from safetensors.numpy import save_file

from oscine.audio import WindowReader, WindowRequest
from oscine.catalog import ClassList
from oscine.core import atomic_path, write_json
from oscine.evaluate import EvaluateConfig, rank_by_margin
from oscine.features import LogMel
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.fits import fitted_model, mel_spec, window_reader
from oscine.pipeline.stages.folds import recordings
from oscine.pipeline.stages.out_of_fold import OutOfFold

log = logging.getLogger("oscine")

COLUMNS = {
    "example": pl.String,
    "kind": pl.String,
    "recording_id": pl.String,
    "filename": pl.String,
    "fold": pl.Int64,
    "start_s": pl.Float64,
    "primary_label": pl.String,
    "predicted": pl.String,
    "right": pl.Float64,
    "wrong": pl.Float64,
}
"""Columns of `examples.parquet`; the scores are those of the whole clip, windows averaged."""


@dataclass(frozen=True)
class _Example:
    """What is kept of a clip: where its window starts in the recording, its sound, its pictures."""

    start_s: float
    waveform: NDArray[np.float32]
    pictures: dict[str, NDArray[Any]]


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    needs = tuple(f"finetune/fold-{fold}" for fold in recipe.target_folds.selected)
    settings = {name: getattr(recipe.evaluation, name) for name in ("worst_clips", "best_clips")}
    return Stage("examples", needs, "examples", settings, run)


def run(folder: RunFolder) -> dict[str, Any]:
    """Choose the clips, and keep a window of each that can be read."""
    scored = OutOfFold(folder, "finetune", folder.folds("finetune"))
    chosen = choose(scored, folder.recipe.evaluation)
    spec = mel_spec(folder.recipe)
    rows: list[dict[str, Any]] = []
    pictures: dict[str, NDArray[Any]] = {}
    with atomic_path(folder.path / "examples") as partial:
        (partial / "sounds").mkdir(parents=True)
        for row, example in _keep(folder, scored.classes, chosen):
            name = f"{len(rows):03d}"
            rows.append(row | {"example": name, "start_s": example.start_s})
            path = partial / "sounds" / f"{name}.flac"
            soundfile.write(path, np.clip(example.waveform, -1, 1), spec.sample_rate)
            pictures |= {f"{name}/{kind}": value for kind, value in example.pictures.items()}
        table = pl.DataFrame(rows, schema=COLUMNS)
        table.write_parquet(partial / "examples.parquet")
        save_file(pictures, partial / "pictures.safetensors")
        write_json(partial / "front_end.json", spec.to_plain())
    counts = {kind: table.filter(kind=kind).height for kind in ("worst", "best")}
    return counts | {"unreadable": chosen.height - table.height}


def choose(scored: OutOfFold, config: EvaluateConfig) -> pl.DataFrame:
    """Choose the worst clips, each of another file, and the best, each of another class.

    Args:
        scored: Out-of-fold scores.
        config: How many.

    Returns:
        Rows of the out-of-fold table with `kind`, `right`, `wrong` and `predicted`.
    """
    if not len(scored):
        return pl.DataFrame()
    ranked = rank_by_margin(scored.table.drop("scores"), scored.scores, scored.classes.codes)
    wrong = ranked.filter(pl.col("wrong") > pl.col("right"))
    right = ranked.filter(pl.col("wrong") < pl.col("right")).reverse()
    worst = wrong.unique("filepath", keep="first", maintain_order=True).head(config.worst_clips)
    best = right.unique("primary_label", keep="first", maintain_order=True).head(config.best_clips)
    return pl.concat(
        [worst.with_columns(kind=pl.lit("worst")), best.with_columns(kind=pl.lit("best"))]
    )


def _keep(
    folder: RunFolder, classes: ClassList, chosen: pl.DataFrame
) -> Iterator[tuple[dict[str, Any], _Example]]:
    """Look at the clips with the models that did not learn from them."""
    if chosen.is_empty():
        return
    known = recordings(folder, "target")
    table = chosen.select("recording_id").join(known, on="recording_id", maintain_order="left")
    reader = window_reader(folder, table)
    looks = {fold: _Look(folder, classes, fold) for fold in sorted(set(chosen["fold"].to_list()))}
    for place, row in enumerate(chosen.iter_rows(named=True)):
        example = looks[row["fold"]].keep(reader, place, row)
        if example is None:
            log.warning("examples: %s cannot be read, and is left out", row["filename"])
        else:
            yield {name: row[name] for name in COLUMNS if name in row}, example


class _Look:
    """A fold's model, and what it sees in a clip."""

    def __init__(self, folder: RunFolder, classes: ClassList, fold: int) -> None:
        from oscine.features.mel_torch import LogMel as Front

        self.tta = folder.recipe.evaluation.tta
        self.model = fitted_model(folder, "finetune", fold)
        self.spec = mel_spec(folder.recipe)
        self.front = Front(self.spec)
        self.picture = LogMel(
            replace(self.spec, scaling="none", channels=1, deltas=False, image_size=None)
        )
        self.places = {code: place for place, code in enumerate(classes.codes)}

    def keep(self, reader: WindowReader, clip: int, row: dict[str, Any]) -> _Example | None:
        """Keep the window that the model is surest of; None where none can be read."""
        import torch

        from oscine.model.grad_cam import grad_cam
        from oscine.train.data import spread_starts

        starts = spread_starts(reader.clips[clip].length_s, self.spec.window_s, self.tta)
        windows = [reader.read_or_mask(WindowRequest(clip, start_s)) for start_s in starts]
        windows = [window for window in windows if window.ok]
        if not windows:
            return None
        classes = {"label": self.places[row["primary_label"]]}
        if row["kind"] == "worst":
            classes["predicted"] = self.places[row["predicted"]]
        images = self.front(torch.from_numpy(np.stack([one.waveform for one in windows])))
        with torch.no_grad():
            logits = self.model(images)
        surest = int(logits[:, classes.get("predicted", classes["label"])].argmax())
        window = windows[surest]
        maps = grad_cam(
            self.model,
            images[surest].expand(len(classes), -1, -1, -1),
            torch.tensor(list(classes.values())),
        )
        image = self.picture(window.waveform[None])[0, 0].astype(np.float16)
        pictures = {"image": image} | dict(zip(classes, maps, strict=True))
        return _Example(reader.clips[clip].start_s + window.start_s, window.waveform, pictures)
