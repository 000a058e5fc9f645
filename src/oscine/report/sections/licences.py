"""Section on licences: how many recordings stand under which, and who must be named."""

from __future__ import annotations

from functools import partial

from oscine.catalog import attribution, license_counts
from oscine.report.blocks import Block, Plot, Section, Table, counted, number
from oscine.report.figures.data import draw_bars
from oscine.report.figures.style import BLUE
from oscine.report.run import Run

UNSTATED = "not stated"


def licenses(run: Run) -> Section:
    """Count the licences of the recordings, and list who must be named."""
    title = "Licences of the recordings"
    recordings = run.all_recordings()
    if recordings is None:
        return Section("licences", title, absent="There is no recordings table in this run.")
    table = license_counts(recordings)
    counts = {_name(row["license"]): row["recordings"] for row in table.iter_rows(named=True)}
    if list(counts) == [UNSTATED]:
        return Section("licences", title, absent="The catalogs state no licence.")
    named = attribution(recordings).sort("recordings", "author", descending=[True, False])
    n_recordists = recordings["author"].drop_nulls().n_unique()
    rows = [
        [author, _name(license_), number(n)]
        for author, license_, n in named.select("author", "license", "recordings").iter_rows()
    ]
    blocks: list[Block] = [
        Plot(
            "licences",
            "Recordings by licence, of both catalogs together.",
            partial(draw_bars, {"recordings": counts}, {"recordings": BLUE}, "recordings"),
        ),
        Table(
            f"Attribution: {counted(n_recordists, 'recordist')}",
            ["recordist", "licence", "recordings"],
            rows,
            2,
            folded=True,
        ),
    ]
    text = ["What is made from these recordings, the model included, stands under their terms."]
    return Section("licences", title, text, blocks)


def _name(license_: str) -> str:
    return UNSTATED if license_ == "unknown" else license_
