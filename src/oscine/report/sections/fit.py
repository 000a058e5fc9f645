"""Sections on fitting: learning curves and throughput."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import polars as pl

from oscine.report.blocks import DASH, Block, Cell, Plot, Section, Table, counted, duration, number
from oscine.report.figures.data import draw_bars
from oscine.report.figures.fit import draw_learning_curves, draw_shares
from oscine.report.figures.style import BLUE
from oscine.report.run import STAGES, Run
from oscine.report.sections.names import METRIC_NAMES

READING = "decode"
"""The step of a fit's breakdown that threads do while the device works."""


def learning(run: Run) -> Section:
    """Show how loss and the monitored metric went, and which epoch was kept."""
    title = "Learning curves"
    history = run.histories()
    if history.is_empty():
        return Section("learning", title, absent="No fit has finished an epoch in this run.")
    fits = run.fits()
    # The target's metric is the one that matters; pretraining may watch another.
    monitors = [fit["monitor"] for fit in reversed(fits) if fit["monitor"] in history.columns]
    monitor = monitors[0] if monitors else ""
    metric = monitor if monitor in METRIC_NAMES else _first_metric(history)
    name = METRIC_NAMES.get(metric, metric)
    blocks: list[Block] = [
        Plot(
            "learning",
            f"Loss and validation {name} over the epochs; thin lines are folds, bold lines their "
            "mean. Training loss is taken under augmentation, which is why it can lie higher.",
            partial(draw_learning_curves, history, metric, name),
        )
    ]
    if fits:
        blocks.append(_fit_table(fits))
    return Section("learning", title, blocks=blocks)


def _first_metric(history: pl.DataFrame) -> str:
    return next((name for name in METRIC_NAMES if name in history.columns), "val_loss")


def _fit_table(fits: Sequence[dict[str, Any]]) -> Table:
    rows: list[list[str | Cell]] = [
        [
            STAGES[fit["stage"]],
            str(fit["fold"]),
            f"{number(fit['best_epoch'] + 1)} of {number(fit['epochs'])}",
            Cell(number(fit["best_value"]), METRIC_NAMES.get(fit["monitor"], fit["monitor"])),
            number(fit["n_training"]),
            number(fit["n_validation"]),
            duration(fit["seconds"]),
        ]
        for fit in fits
    ]
    columns = ["stage", "fold", "kept epoch", "monitored", "training", "validation", "time"]
    return Table("Fits", columns, rows, 2, folded=len(rows) > 6)


def throughput(run: Run) -> Section:
    """Say where the time went."""
    title = "Where the time went"
    stages = [row for row in run.facts.get("stages", []) if row.get("seconds") is not None]
    fits = run.fits()
    blocks: list[Block] = []
    text = []
    if stages:
        seconds = {row["stage"]: float(row["seconds"]) for row in stages}
        text = [f"All stages together took {duration(sum(seconds.values()))}."]
        blocks += [
            Plot(
                "stages",
                "Wall time of each stage when it last ran.",
                partial(draw_bars, {"seconds": seconds}, {"seconds": BLUE}, "seconds"),
            ),
            _stage_table(stages),
        ]
    shares = {
        f"{fit['stage']}, fold {fit['fold']}": _shares(fit) for fit in fits if fit.get("breakdown")
    }
    if shares:
        blocks.append(
            Plot(
                "breakdown",
                "How each fit spent its time: waiting for audio, on the device, and on the rest "
                "(checkpoints, optimiser, start). Reading and decoding happen meanwhile, on "
                "threads.",
                partial(draw_shares, shares),
            )
        )
    blocks += _throughput_table(fits)
    if not blocks:
        return Section("time", title, absent="No stage has finished in this run.")
    return Section("time", title, text, blocks)


def _shares(fit: dict[str, Any]) -> dict[str, float]:
    """Give the seconds of a fit's steps, and of the rest of its time."""
    steps = {name: s for name, s in fit["breakdown"].items() if name != READING}
    rest = fit["seconds"] - sum(steps.values())
    return steps | ({"other": rest} if rest > 0 else {})


def _stage_table(stages: Sequence[dict[str, Any]]) -> Table:
    known = any(row.get("peak_memory_gib") is not None for row in stages)
    rows = [
        [row["stage"], duration(float(row["seconds"]))]
        + ([number(row.get("peak_memory_gib"), 2)] if known else [])
        for row in stages
    ]
    columns = ["stage", "time", *(["peak memory, GiB"] if known else [])]
    note = ", and the most memory that the process had had by its end" if known else ""
    return Table(f"Wall time of each stage{note}", columns, rows, folded=True)


def _throughput_table(fits: Sequence[dict[str, Any]]) -> list[Table]:
    shown = [fit for fit in fits if fit.get("clips_per_second") is not None]
    on_gpu = any(fit.get("device_memory_gib") for fit in shown)
    rows = [
        [
            STAGES[fit["stage"]],
            str(fit["fold"]),
            number(fit["clips_per_second"], 1),
            _reading(fit),
            number(fit["n_parameters"]),
            *([number(fit.get("device_memory_gib"), 2)] if on_gpu else []),
            str(fit["device"]),
        ]
        for fit in shown
    ]
    columns = ["stage", "fold", "clips/s", "reading", "parameters"]
    columns += [*(["GPU memory, GiB"] if on_gpu else []), "device"]
    caption = (
        f"Throughput of {counted(len(rows), 'fit')}; reading is the time that threads spent on "
        "decoding, over the time of the fit: 1.0 is one thread that is always busy"
    )
    return [Table(caption, columns, rows, 2, folded=len(rows) > 6)] if rows else []


def _reading(fit: dict[str, Any]) -> str:
    """Say how many threads were busy with reading, in the mean."""
    spent = (fit.get("breakdown") or {}).get(READING)
    return DASH if spent is None or not fit["seconds"] else number(spent / fit["seconds"], 2)
