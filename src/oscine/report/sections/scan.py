"""The section on the scan: what was heard in the soundscapes, and a timeline of one of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from oscine.report.blocks import Block, Plot, Section, Table, counted, duration, number
from oscine.report.figures.scan import draw_timeline
from oscine.report.run import Run, readable_name
from oscine.report.sections.names import METRIC_NAMES

SPECIES_SHOWN = 14


def scan(run: Run) -> Section:
    """Show what the bundle heard in the soundscapes."""
    title = "Scan of the soundscapes"
    detections = run.table("scan/detections.parquet")
    if detections is None:
        return Section("scan", title, absent="No soundscape was scanned in this run.")
    facts = run.json("scan/scan.json") or {}
    text = [_sentence(facts, detections)]
    problems = run.table("scan/findings.parquet")
    if problems is not None and problems.height:
        text.append(f"{counted(problems.height, 'finding')} on the soundscape files.")
    blocks: list[Block] = []
    if metrics := run.json("scan/metrics.json"):
        rows = [
            [METRIC_NAMES.get(name, name.replace("_", " ")), number(value)]
            for name, value in metrics.items()
            if value is None or isinstance(value, (int, float))
        ]
        blocks.append(Table("Scores against the annotations", ["metric", "value"], rows))
    if detections.height:
        blocks += [_timeline(detections), _species(detections)]
    return Section("scan", title, text, blocks)


def _sentence(facts: dict[str, Any], detections: pl.DataFrame) -> str:
    found = counted(detections.height, "detection")
    if not facts:
        return f"{found}."
    speed = f"{number(facts.get('realtime_factor'), 0)} times real time"
    return (
        f"{counted(facts['files'], 'file')}, {duration(facts['audio_seconds'])} of sound in "
        f"{counted(facts['windows'], 'window')}, scanned in {duration(facts['seconds'])} "
        f"({speed}): {found}."
    )


def _timeline(detections: pl.DataFrame) -> Plot:
    """Choose the soundscape with the greatest total score, and its strongest species."""
    best = (
        detections.group_by("filepath")
        .agg(pl.col("score").sum())
        .sort("score", "filepath", descending=[True, False])["filepath"][0]
    )
    rows = detections.filter(pl.col("filepath") == best).with_columns(readable_name())
    strongest = (
        rows.group_by("name")
        .agg(pl.col("score").sum())
        .sort("score", "name", descending=[True, False])
        .head(SPECIES_SHOWN)["name"]
    )
    order = {name: place for place, name in enumerate(strongest)}
    shown = (
        rows.filter(pl.col("name").is_in(strongest.implode()))
        .with_columns(pl.col("name").replace_strict(order).alias("order"))
        .sort("order", "start_s")
    )
    hidden = rows["name"].n_unique() - len(order)
    more = f" {counted(hidden, 'weaker species', 'weaker species')} not shown." if hidden else ""
    return Plot(
        "timeline",
        f"{Path(best).name}: when each species was detected; the deeper the colour, the higher "
        f"the score.{more}",
        partial(draw_timeline, shown),
    )


def _species(detections: pl.DataFrame) -> Table:
    counts = (
        detections.with_columns(readable_name())
        .group_by("name")
        .agg(
            pl.len().alias("n"),
            pl.col("filepath").n_unique().alias("files"),
            pl.col("score").max().alias("best"),
        )
        .sort("n", "name", descending=[True, False])
    )
    rows = [
        [row["name"], number(row["n"]), number(row["files"]), number(row["best"])]
        for row in counts.iter_rows(named=True)
    ]
    columns = ["species", "windows", "files", "highest score"]
    return Table("Detections by species", columns, rows, folded=True)
