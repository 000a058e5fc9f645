"""What Weights & Biases is told when a run is done: its results, read back from the run folder.

Fits tell their own history while they run (`oscine.train.tracking`). What is known only after all
folds is one more W&B run of the same group: pooled metrics, the table of classes, the worst clips
to see and hear, and the bundles.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray

from oscine.config import parse
from oscine.core import fingerprint, read_json, write_json
from oscine.report.clips import SAMPLE_RATE, mistakes
from oscine.report.figures.scan import draw_spectrogram
from oscine.report.figures.style import WIDE_IN
from oscine.report.run import Run
from oscine.report.sections.scores import ON_TARGET
from oscine.train.config import TrackingConfig
from oscine.train.wandb_run import WandbRun

UPLOAD_S = 600.0
"""How long bundles and sounds may take to upload before they are left to `wandb sync`, s."""

MISTAKE_COLUMNS = (
    "stage",
    "species",
    "heard as",
    "score of it",
    "score of the label",
    "fold",
    "filename",
    "start_s",
    "spectrogram",
    "audio",
)


def tell_results(folder: Path) -> None:
    """Tell W&B the results of a run, if its recipe asks for W&B; once, until they change.

    Args:
        folder: The run folder.

    Raises:
        ArtifactError: What the folder holds is damaged.
    """
    run = Run(folder)
    tracking = parse(TrackingConfig, run.recipe.get("tracking") or {}, where=folder)
    metrics = run.json("evaluate/metrics.json")
    if not tracking.wandb or metrics is None:
        return
    done = {row["stage"]: row["fingerprint"] for row in run.facts["stages"]}
    name = fingerprint(done.get("evaluate"), done.get("bundle"))
    told = folder / "wandb-results.json"
    if told.exists() and read_json(told) == {"fingerprint": name}:
        return
    results = WandbRun(
        folder=folder,
        project=tracking.wandb_project,
        group=run.facts["comment"] or run.facts["name"],
        name=f"{run.facts['name']} results",
        kind="results",
        fingerprint="results",  # newer results of this folder take the place of older ones
        config={**run.recipe, "catalog_fingerprint": done.get("audit", "")},
        finish_s=UPLOAD_S,
    )
    with _staging_in(folder):
        results.open()
        results.attempt("logging metrics", lambda live: live.summary.update(_summary(metrics)))
        results.attempt("logging classes", lambda live: live.log({"per_class": _classes(run)}))
        if n := tracking.wandb_clips:
            results.attempt("logging clips", lambda live: live.log({"mistakes": _mistakes(run, n)}))
        for path in sorted((folder / "bundle").glob("fold-*")):
            results.attempt("logging a bundle", partial(_log_bundle, path, run))
        whole = results.close()
    if whole:
        write_json(told, {"fingerprint": name})


@contextmanager
def _staging_in(folder: Path) -> Iterator[None]:
    """Let W&B keep what is to be uploaded in the run folder, not in the user's home."""
    name = "WANDB_DATA_DIR"
    before = os.environ.get(name)
    os.environ[name] = before or str(folder.resolve() / "wandb")
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


def _summary(metrics: dict[str, Any]) -> dict[str, float]:
    """Name each pooled metric, and the ends of its interval, by its fit."""
    return {
        f"{stage}/{name}{ending}": value[key]
        for stage, found in metrics.items()
        for name, value in (found.get("pooled") or {}).items()
        for key, ending in (("value", ""), ("low", "_low"), ("high", "_high"))
        if value is not None and value[key] is not None
    }


def _classes(run: Run) -> Any:
    import wandb

    table = run.table("evaluate/per_class.parquet")
    assert table is not None, "it is written with the metrics"
    return wandb.Table(columns=[*table.columns], data=[list(row) for row in table.iter_rows()])


def _mistakes(run: Run, n: int) -> Any:
    import wandb

    table = wandb.Table(columns=list(MISTAKE_COLUMNS))
    for stage in ON_TARGET:
        for mistake in mistakes(run, stage, n):
            row, waveform = mistake.row, mistake.waveform
            picture = sound = None
            if waveform is not None:
                picture = wandb.Image(_pixels(draw_spectrogram(waveform, SAMPLE_RATE, WIDE_IN)))
                sound = wandb.Audio(waveform, sample_rate=SAMPLE_RATE)
            table.add_data(
                stage,
                mistake.truth,
                mistake.heard,
                row["wrong"],
                row["right"],
                row["fold"],
                row["filename"],
                mistake.start_s,
                picture,
                sound,
            )
    return table


def _pixels(figure: Figure) -> NDArray[np.uint8]:
    """Draw a figure as pixels; W&B would ask pyplot for them."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    stream.seek(0)
    return np.asarray(imread(stream) * 255).astype(np.uint8)


def _log_bundle(bundle: Path, run: Run, live: Any) -> None:
    import wandb

    about = read_json(bundle / "bundle.json")
    artifact = wandb.Artifact(
        f"{run.facts['name']}-{bundle.name}",
        type="model",
        description=about["name"],
        metadata={key: about["training"][key] for key in ("fold", "catalog", "metrics")},
    )
    for file in sorted(bundle.resolve().iterdir()):
        artifact.add_file(str(file), policy="immutable", skip_cache=True)
    live.log_artifact(artifact)
