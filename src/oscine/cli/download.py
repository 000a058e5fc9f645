"""`oscine download`: recordings of public archives, as a catalog folder that a recipe can read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from oscine.cli.terminal import plain_console
from oscine.core import MissingExtraError

if TYPE_CHECKING:
    import polars as pl

    from oscine.catalog.download import Client, DownloadConfig, Downloaded, Forecast

app = typer.Typer(
    help="Recordings of public archives, as a catalog folder; run again, it goes on.",
    no_args_is_help=True,
)

Export = Annotated[Path, typer.Argument(help="The export, as the archive's site gave it out.")]
Out = Annotated[Path, typer.Option("--out", help="The folder to fill.")]
Limit = Annotated[
    int | None, typer.Option(help="Have the first so many of the recordings; default: all.")
]
MaxPerSpecies = Annotated[
    int | None, typer.Option(help="Have the best rated so many of each species; default: all.")
]
ExcludeLicense = Annotated[
    str, typer.Option(help="Leave out licences with these conditions, such as nc,nd.")
]
Taxonomy = Annotated[
    Path | None,
    typer.Option(help="An eBird taxonomy: label by its codes, not by scientific names."),
]
PerSecond = Annotated[float, typer.Option(help="The most requests a second.")]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what there is, fetch no recording; pages are kept."),
]

LISTED = 10
"""How many names are said when a taxonomy does not know them."""


@app.command("xeno-canto")
def xeno_canto(  # noqa: PLR0913, PLR0917 - Typer makes each option of a parameter
    query: Annotated[
        str, typer.Argument(help="Tags, such as 'gen:turdus sp:merula cnt:spain q:A'.")
    ],
    out: Out,
    limit: Limit = None,
    max_per_species: MaxPerSpecies = None,
    exclude_license: ExcludeLicense = "",
    taxonomy: Taxonomy = None,
    per_second: PerSecond = 1.0,
    dry_run: DryRun = False,
    server: Annotated[str, typer.Option(help="Address of the API; default: Xeno-Canto's.")] = "",
) -> None:
    """Download what matches a query of Xeno-Canto; the key is read from XENO_CANTO_KEY."""
    config = _config(limit, max_per_species, exclude_license, taxonomy, per_second)
    from oscine.catalog.download import DownloadFolder, XenoCanto, read_key, until_enough
    from oscine.catalog.download.xeno_canto import ARCHIVE, SERVER

    key = read_key()

    def find(client: Client) -> pl.DataFrame:
        folder = DownloadFolder(out)
        archive = XenoCanto(client, key, folder.pages, server or SERVER)
        found = archive.find(query, until_enough(folder, config))
        plain_console().print(
            f"{found.n_recordings} recordings of {found.n_species} species match; "
            f"{len(found.listing)} are listed"
        )
        return found.listing

    _fill(_Order(out, ARCHIVE, query, config, dry_run), find, secrets=[key])


@app.command("gbif")
def gbif(  # noqa: PLR0913, PLR0917 - Typer makes each option of a parameter
    export: Export,
    out: Out,
    limit: Limit = None,
    max_per_species: MaxPerSpecies = None,
    exclude_license: ExcludeLicense = "",
    taxonomy: Taxonomy = None,
    per_second: PerSecond = 1.0,
    dry_run: DryRun = False,
) -> None:
    """Download the sounds of a GBIF export (Darwin Core Archive)."""
    config = _config(limit, max_per_species, exclude_license, taxonomy, per_second)
    from oscine.catalog.download import gbif as archive

    order = _Order(out, archive.ARCHIVE, export.name, config, dry_run)
    _fill(order, lambda _: archive.read_export(export))


@app.command("inaturalist")
def inaturalist(  # noqa: PLR0913, PLR0917 - Typer makes each option of a parameter
    export: Export,
    out: Out,
    limit: Limit = None,
    max_per_species: MaxPerSpecies = None,
    exclude_license: ExcludeLicense = "",
    taxonomy: Taxonomy = None,
    per_second: PerSecond = 1.0,
    dry_run: DryRun = False,
) -> None:
    """Download the sounds of an iNaturalist observations export (CSV)."""
    config = _config(limit, max_per_species, exclude_license, taxonomy, per_second)
    from oscine.catalog.download import inaturalist as archive

    order = _Order(out, archive.ARCHIVE, export.name, config, dry_run)
    _fill(order, lambda _: archive.read_export(export))


@dataclass(frozen=True)
class _Order:
    """What is to be fetched, and where to."""

    out: Path
    archive: str
    query: str
    config: DownloadConfig
    dry_run: bool


def _config(
    limit: int | None,
    max_per_species: int | None,
    exclude_license: str,
    taxonomy: Path | None,
    per_second: float,
) -> DownloadConfig:
    from oscine.config import parse

    try:
        from oscine.catalog.download import DownloadConfig
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("oscine"):
            raise
        raise MissingExtraError("download", error.name) from error
    settings: dict[str, Any] = {
        "limit": limit,
        "max_per_species": max_per_species,
        "exclude_licenses": [one.strip() for one in exclude_license.split(",") if one.strip()],
        "taxonomy": taxonomy,
        "per_second": per_second,
    }
    return parse(DownloadConfig, settings, where="oscine download")


def _fill(
    order: _Order, find: Callable[[Client], pl.DataFrame], secrets: Sequence[str] = ()
) -> None:
    from oscine.catalog.download import Client, DownloadFolder, Pace, download, forecast

    folder = DownloadFolder(order.out)
    with Client(Pace(order.config.per_second), secrets) as client:
        listing = find(client)
        if order.dry_run:
            _print_forecast(forecast(listing, folder, order.config))
            return
        asked = {"archive": order.archive, "query": order.query}
        done = download(listing, folder, client, order.config, asked)
    _print_forecast(done.forecast)
    _print_end(done, order)
    if done.n_failed:
        raise typer.Exit(1)


def _print_forecast(forecast: Forecast) -> None:
    console = plain_console()
    gigabytes = forecast.gigabytes
    size = "no duration is stated" if gigabytes is None else f"{gigabytes:.2f} GB at 192 kbit/s"
    unstated = forecast.n_without_duration
    hours = f"{forecast.hours:.1f}" + (f" ({unstated} state none)" if unstated else "")
    rows = {
        "listed": forecast.n_listed,
        "wanted": forecast.n_wanted,
        "of them there before": forecast.n_there,
        "species": forecast.n_species,
        "hours": hours,
        "estimate of what is missing": size,
        **{f"left out: {reason}": n for reason, n in forecast.left_out.items()},
    }
    table = Table("recordings", "", box=None, header_style="bold")
    for name, value in rows.items():
        table.add_row(name, str(value))
    console.print(table)
    licenses = Table("licence", "recordings", "recordists", box=None, header_style="bold")
    for row in forecast.licenses.iter_rows():
        licenses.add_row(*map(str, row))
    console.print(licenses)
    for names, where in (
        (forecast.unresolved, "species"),
        (forecast.unresolved_behind, "species in the background"),
    ):
        if names:
            more = f", and {len(names) - LISTED} more" if len(names) > LISTED else ""
            listed = ", ".join(names[:LISTED]) + more
            console.print(f"not in the taxonomy, {len(names)} {where}: {listed}", soft_wrap=True)


def _print_end(done: Downloaded, order: _Order) -> None:
    console, out = plain_console(), order.out
    if done.n_rows:
        console.print(f"\nIn a recipe:\n{recipe_lines(out, order.archive)}", soft_wrap=True)
    restricted = len(done.failures) - done.n_failed
    parts = [f"{done.n_fetched} fetched ({done.n_bytes / 1e6:.1f} MB)", f"{done.n_rows} in all"]
    parts += [f"{restricted} not given out"] if restricted else []
    parts += [f"{done.n_failed} failed, run it again"] if done.n_failed else []
    where = f"; see {out / 'failures.csv'}" if len(done.failures) else ""
    console.print(f"{out}: {', '.join(parts)}{where}", soft_wrap=True)


def recipe_lines(out: Path, archive: str) -> str:
    """Write what a recipe says to read the folder.

    Example:
        >>> print(recipe_lines(Path("/data/xc"), "xeno-canto"))
        catalogs:
        - name: xeno-canto
          source: table
          path: /data/xc
          table: recordings.csv
          audio: audio
          role: pretrain
        <BLANKLINE>
    """
    from oscine.config import dump_yaml

    catalog = {
        "name": archive,
        "source": "table",
        "path": str(out.resolve()),
        "table": "recordings.csv",
        "audio": "audio",
        "role": "pretrain",
    }
    return dump_yaml({"catalogs": [catalog]})
