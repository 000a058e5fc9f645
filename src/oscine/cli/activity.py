"""`oscine activity`: when species were heard, from a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from oscine.cli.terminal import plain_console


def activity(
    scan: Annotated[Path, typer.Argument(help="Folder of a scan.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables and figure; default: SCAN/activity.")
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            help="Recorders' clocks were set to UTC: bring times to this zone, such as "
            "Europe/London. Default: times as the clocks told them."
        ),
    ] = None,
    species: Annotated[
        list[str] | None,
        typer.Option(help="Code of a species to draw; repeatable. Default: the six most detected."),
    ] = None,
) -> None:
    """Count a scan's detections by date and by hour of the day, for each hour that was recorded."""
    from oscine.report import read_activity, write_activity

    found = read_activity(scan, time_zone)
    written = write_activity(found, out or scan / "activity", species or ())
    dates = found.effort["date"].unique().sort().to_list()
    console = plain_console()
    console.print(
        f"{found.effort['recorded_h'].sum():.1f} hours recorded on {len(dates)} dates, "
        f"{dates[0]} to {dates[-1]}",
        soft_wrap=True,
    )
    table = Table("species", "detections", "dates", "most at", box=None, header_style="bold")
    for row in found.species().iter_rows(named=True):
        hour = f"{row['hour']:02d}:00"
        table.add_row(row["name"], f"{row['detections']:,}", str(row["dates"]), hour)
    console.print(table)
    if found.untimed:
        console.print(
            f"left out, as neither name nor comment says when they were made: "
            f"{len(found.untimed)} recordings, such as {found.untimed[0]}",
            soft_wrap=True,
        )
    for path in written:
        console.print(str(path), soft_wrap=True)
