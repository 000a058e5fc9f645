"""Section on what the fits really heard of each class, against what the catalogs have of it."""

from __future__ import annotations

from functools import partial

import polars as pl

from oscine.report.blocks import Block, Cell, Plot, Section, Table, counted, number
from oscine.report.figures.exposures import draw_exposures, draw_least_heard
from oscine.report.run import PARTS, STAGES, Run

LEAST_SHOWN = 25
"""Classes in a figure of the least heard."""


def exposures(run: Run) -> Section:
    """Show how often an epoch hears each class, and from how many recordings and recordists."""
    title = "What the model heard"
    stored = run.exposures()
    heard = {
        stage: rows
        for stage, part in _compared(stored).items()
        if (rows := _of_stage(run, stored.filter(stage=stage), part)).height
    }
    if not heard:
        return Section("exposures", title, absent="No exposures were stored in this run.")
    points = pl.concat(
        rows.select(pl.lit(stage).alias("stage"), "n_recordings", "n_exposures")
        for stage, rows in heard.items()
    )
    blocks: list[Block] = [
        Plot(
            "exposures",
            "Clips that an epoch hears of a class, against the recordings the class has. Above the "
            "dashed line a class is heard more often than once a recording, below it less often.",
            partial(draw_exposures, points),
        )
    ]
    for stage, rows in heard.items():
        blocks += [_figure(stage, rows), _table(stage, rows)]
    return Section("exposures", title, [_sentence(*each) for each in heard.items()], blocks)


def _compared(table: pl.DataFrame) -> dict[str, str]:
    """Give the part of each stage; with and without pretraining hear the same, so once will do."""
    if table.is_empty():
        return {}
    target = "finetune" if "finetune" in set(table["stage"]) else "baseline"
    return {"pretrain": "pretrain", target: "target"}


def _of_stage(run: Run, rows: pl.DataFrame, part: str) -> pl.DataFrame:
    """Give one row a class, the least heard first; means over the folds."""
    recordings = run.recordings(part)
    if rows.is_empty() or recordings is None:
        return pl.DataFrame()
    names = run.names()
    of_fold = rows.group_by("fold", "species_code").agg(
        pl.col("n").mean(), pl.col("recordings", "recordists").max()
    )
    seen = of_fold.group_by("species_code").agg(
        pl.col("n").mean().alias("n_exposures"), pl.col("recordings", "recordists").mean()
    )
    have = recordings.group_by(pl.col("primary_label").alias("species_code")).agg(
        pl.len().alias("n_recordings")
    )
    name = pl.col("species_code").replace(names).alias("name")
    return seen.join(have, on="species_code").with_columns(name).sort("n_exposures", "name")


def _sentence(stage: str, rows: pl.DataFrame) -> str:
    """Say how unevenly a stage heard its classes."""
    least, most = rows.row(0, named=True), rows.row(-1, named=True)
    return (
        f"{_title(stage)}: an epoch heard {counted(round(most['n_exposures']), 'clip')} of "
        f"{most['name']} and {number(least['n_exposures'], 0)} of {least['name']}, the latter "
        f"from {_different(least['recordings'])} in the whole fit."
    )


def _different(recordings: float) -> str:
    return counted(round(recordings), "recording", "different recordings")


def _title(stage: str) -> str:
    return STAGES[stage] if stage == "pretrain" else PARTS["target"]


def _figure(stage: str, rows: pl.DataFrame) -> Plot:
    few = rows.height <= LEAST_SHOWN
    which = "The classes" if few else f"The {LEAST_SHOWN} least heard of {rows.height} classes"
    return Plot(
        f"heard-{stage}",
        f"{_title(stage)}: {which[0].lower()}{which[1:]}, the least heard first. Few different "
        "recordings under many clips mean copies; few recordists mean that the model may have "
        "learned their places and microphones. Recordings of the class count the validated too.",
        partial(draw_least_heard, rows.head(LEAST_SHOWN)),
    )


def _table(stage: str, rows: pl.DataFrame) -> Table:
    columns = ["n_recordings", "n_exposures", "recordings", "recordists"]
    return Table(
        f"{_title(stage)}: what was heard of each class, means over the folds",
        ["species", "recordings it has", "clips an epoch", "recordings heard", "recordists heard"],
        [
            [Cell(row["name"], row["species_code"]), *(number(row[key], 0) for key in columns)]
            for row in rows.iter_rows(named=True)
        ],
        folded=True,
    )
