"""Sections on origin: where recordings were made, and by how many people."""

from __future__ import annotations

from functools import partial

import polars as pl

from oscine.report.blocks import Block, Plot, Section, Table, counted, number
from oscine.report.figures.places import draw_concentration, draw_map
from oscine.report.run import PARTS, Run

BUSIEST = 10
"""Recordists whose share is told."""
NO_TABLE = "There is no recordings table in this run."


def places(run: Run) -> Section:
    """Show where recordings were made."""
    title = "Where recordings were made"
    recordings = run.all_recordings()
    if recordings is None:
        return Section("places", title, absent=NO_TABLE)
    placed = recordings.select("latitude", "longitude", "part").drop_nulls()
    without = recordings.height - placed.height
    if placed.is_empty():
        return Section("places", title, absent="No recording states its place.")
    text = f"{counted(without, 'recording')} of {recordings.height:,} without a place."
    plot = Plot(
        "map",
        "A dot gathers the recordings of a small area; a larger one stands for ten times as many. "
        "Coastlines: Natural Earth.",
        partial(draw_map, placed),
    )
    return Section(
        "places", title, [text if without else "Every recording states its place."], [plot]
    )


def recordists(run: Run) -> Section:
    """Show how far recordings concentrate on few recordists."""
    title = "Who made the recordings"
    recordings = run.all_recordings()
    if recordings is None:
        return Section("recordists", title, absent=NO_TABLE)
    stated = recordings.drop_nulls("author")
    if stated.is_empty():
        return Section("recordists", title, absent="No recording states its recordist.")
    text, counts = [], {}
    for part, name in PARTS.items():
        rows = recordings.filter(pl.col("part") == part)
        authors = rows["author"].drop_nulls().value_counts()
        values = authors["count"].sort(descending=True).to_list()
        if values:
            counts[part] = values
            text.append(_share(name, values, rows["author"].null_count()))
        elif rows.height:
            text.append(f"{name}: no row states its recordist.")
    blocks: list[Block] = [
        Plot(
            "recordists",
            "Share of the recordings that the busiest recordists made; on the dashed line all "
            "would have made equally many.",
            partial(draw_concentration, counts),
        ),
        _busiest(stated),
    ]
    return Section("recordists", title, text, blocks)


def _share(name: str, values: list[int], unstated: int) -> str:
    first = BUSIEST if len(values) > BUSIEST else 1
    share = 100 * sum(values[:first]) / sum(values)
    who = f"the {first} busiest" if first > 1 else "the busiest"
    who = f"{who} of {len(values):,} recordists" if len(values) > 1 else "one recordist"
    rest = f"; {counted(unstated, 'row states', 'rows state')} none" if unstated else ""
    return f"{name}: {who} made {share:.0f} % of the recordings{rest}."


def _busiest(stated: pl.DataFrame) -> Table:
    top = (
        stated.group_by("author")
        .agg(pl.len().alias("n"), pl.col("primary_label").n_unique().alias("classes"))
        .sort("n", "author", descending=[True, False])
        .head(BUSIEST)
    )
    rows = [
        [author, number(n), f"{100 * n / stated.height:.1f}", number(classes)]
        for author, n, classes in top.iter_rows()
    ]
    columns = ["recordist", "recordings", "share, %", "classes"]
    caption = f"The {len(rows)} busiest recordists"
    return Table(caption, columns, rows, folded=True)
