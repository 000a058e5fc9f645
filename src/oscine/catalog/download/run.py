"""From a listing to a folder: choose, fetch what is missing, and account for every recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import Field, FilePath

from oscine.catalog.crosswalk import Crosswalk
from oscine.catalog.download.choice import REASONS, Choice, ChoiceConfig, choose
from oscine.catalog.download.client import Client
from oscine.catalog.download.fetch import fetch_file
from oscine.catalog.download.folder import DownloadFolder
from oscine.catalog.download.listing import Labelled, label
from oscine.catalog.ebird import read_taxonomy
from oscine.catalog.licenses import license_counts
from oscine.core import AudioError, DownloadError, Reason, track

STEPS = 200
"""The table is written after so many files, so that it can be used while the rest is fetched."""

SILENT_SERVER = 5
"""After so many files in a row that no server gave, the others are not asked for."""

BYTES_PER_SECOND = 24_000
"""What a second of a file takes in an estimate: mp3 at 192 kbit/s."""


class DownloadConfig(ChoiceConfig):
    """Which recordings are wanted, how they are labelled, and how fast they are asked for."""

    taxonomy: FilePath | None = None
    """An eBird taxonomy: labels are its codes; null: labels are scientific names."""
    per_second: float = Field(1.0, gt=0.0, le=20.0)
    """The most requests a second; Xeno-Canto asks for no more than one."""


@dataclass(frozen=True)
class Forecast:
    """What a download would bring.

    Args:
        n_listed: Recordings that the archive offers.
        n_wanted: Those that are wanted.
        n_there: Those of them that are in the folder.
        n_species: Species of those wanted.
        hours: Their stated duration, h.
        n_without_duration: Those that state none; they count as nothing.
        gigabytes: Estimate of what is to be fetched, GB; null: no duration is stated.
        licenses: Recordings and recordists by licence.
        left_out: Recordings by the reason why they are not wanted, or not given out.
        unresolved: Names that the taxonomy does not know.
        unresolved_behind: The same of the species in the background.
    """

    n_listed: int
    n_wanted: int
    n_there: int
    n_species: int
    hours: float
    n_without_duration: int
    gigabytes: float | None
    licenses: pl.DataFrame
    left_out: Mapping[str, int]
    unresolved: list[str]
    unresolved_behind: list[str]


@dataclass(frozen=True)
class Downloaded:
    """How a download went.

    Args:
        forecast: What was to be had.
        n_fetched: Files fetched now.
        n_bytes: Their size, bytes.
        n_rows: Rows of the table now.
        failures: Recordings that are missing still, with reasons; restricted ones first.
    """

    forecast: Forecast
    n_fetched: int
    n_bytes: int
    n_rows: int
    failures: pl.DataFrame

    @property
    def n_failed(self) -> int:
        """Recordings that another run may get; restricted ones are not among them."""
        return self.failures.filter(pl.col("reason") != Reason.RESTRICTED.value).height


def labelled(listing: pl.DataFrame, config: DownloadConfig) -> Labelled:
    """Label a listing as the settings say.

    Raises:
        SourceError: The taxonomy cannot be read.
    """
    tables = () if config.taxonomy is None else (read_taxonomy(config.taxonomy),)
    return label(listing, Crosswalk(tables) if tables else None)


def until_enough(
    folder: DownloadFolder, config: DownloadConfig
) -> Callable[[pl.DataFrame], bool] | None:
    """Tell from which part of a listing on nothing of the rest can be wanted.

    Args:
        folder: Where the download goes.
        config: What is wanted.

    Returns:
        A test of what is listed so far; null when all must be listed: there is no limit, or the
        best of each species are wanted.
    """
    limit = config.limit
    if limit is None or config.max_per_species is not None:
        return None
    there = folder.there()

    def is_enough(listing: pl.DataFrame) -> bool:
        return len(choose(label(listing, None).table, there, config).wanted) >= limit

    return is_enough


def forecast(listing: pl.DataFrame, folder: DownloadFolder, config: DownloadConfig) -> Forecast:
    """Tell what a download would bring; nothing is fetched, nothing is written.

    Args:
        listing: What the archive offers.
        folder: Where it would go.
        config: What is wanted.
    """
    named = labelled(listing, config)
    there = folder.there()
    return _forecast(named, choose(named.table, there, config), there)


def _forecast(named: Labelled, choice: Choice, there: Mapping[str, str]) -> Forecast:
    wanted = choice.wanted
    missing = wanted.filter(~pl.col("xc_id").is_in(list(there)))
    stated = missing["duration_s"].drop_nulls()
    gigabytes = float(stated.sum()) * BYTES_PER_SECOND / 1e9 if len(stated) else None
    reasons = pl.concat([choice.skipped, choice.restricted])["reason"].value_counts(sort=True)
    return Forecast(
        n_listed=len(named.table),
        n_wanted=len(wanted),
        n_there=len(wanted) - len(missing),
        n_species=wanted["primary_label"].n_unique(),
        hours=float(wanted["duration_s"].sum()) / 3600.0,
        n_without_duration=wanted["duration_s"].null_count(),
        gigabytes=gigabytes if len(missing) else 0.0,
        licenses=license_counts(wanted),
        left_out=dict(reasons.iter_rows()),
        unresolved=named.unresolved,
        unresolved_behind=named.unresolved_behind,
    )


def download(
    listing: pl.DataFrame,
    folder: DownloadFolder,
    client: Client,
    config: DownloadConfig,
    asked: Mapping[str, Any],
) -> Downloaded:
    """Fetch what is wanted of a listing and is not in the folder yet.

    A run that is killed anywhere is taken up by the next one: whole files stay, a partial file is
    continued.

    Args:
        listing: What the archive offers.
        folder: Where it goes.
        client: Who asks.
        config: What is wanted.
        asked: Archive and query, for the folder's note.

    Returns:
        How it went; recordings that could not be had are in `failures.csv` with reasons.

    Raises:
        ConfigError: The folder's labels are of another kind.
        DownloadError: The server is silent, or the disk takes no more; what was got stays.
    """
    named = labelled(listing, config)
    choice = choose(named.table, there := folder.there(), config)
    missing = choice.wanted.filter(~pl.col("xc_id").is_in(list(there)))
    fetcher = _Fetcher(client, folder)
    with _disk_errors(folder.root):
        folder.note("scientific name" if config.taxonomy is None else "eBird code", asked)
        folder.write_skipped(choice.skipped, named.table["xc_id"])
        try:
            for row in track(missing.iter_rows(named=True), "download", len(missing)):
                fetcher.fetch(row)
                if fetcher.n_fetched and fetcher.n_fetched % STEPS == 0:
                    folder.add(choice.wanted)
        finally:
            n_rows = folder.add(choice.wanted)
            failures = pl.concat([choice.restricted, _failed(missing, fetcher.failures)])
            folder.write_failures(failures, pl.concat([choice.wanted["xc_id"], failures["xc_id"]]))
            folder.tidy()
    return Downloaded(
        forecast=_forecast(named, choice, there),
        n_fetched=fetcher.n_fetched,
        n_bytes=fetcher.n_bytes,
        n_rows=n_rows,
        failures=failures,
    )


class _Fetcher:
    """Fetches one recording after the other, and counts."""

    def __init__(self, client: Client, folder: DownloadFolder) -> None:
        self._client = client
        self._folder = folder
        self._unreachable = 0
        self.n_fetched = 0
        self.n_bytes = 0
        self.failures: dict[str, AudioError] = {}

    def fetch(self, row: Mapping[str, Any]) -> None:
        filename = f"{row['primary_label']}/{row['xc_id']}.{row['file_type']}"
        target, partial = self._folder.target(filename), self._folder.partial(filename)
        try:
            self.n_bytes += fetch_file(self._client, row["file_url"], target, partial)
        except AudioError as error:
            self.failures[row["xc_id"]] = error
            silent = error.reason is Reason.UNREACHABLE
            self._unreachable = self._unreachable + 1 if silent else 0
            if self._unreachable == SILENT_SERVER:
                raise DownloadError(
                    f"{SILENT_SERVER} files in a row could not be had, the last: {error.what}",
                    where=error.where,
                    fix="run it again later: it goes on where it stopped",
                ) from None
        else:
            self._unreachable = 0
            self.n_fetched += 1


def _failed(missing: pl.DataFrame, failures: Mapping[str, AudioError]) -> pl.DataFrame:
    """Give the recordings that failed, with reasons, in the order of the listing."""
    said = pl.DataFrame(
        [(xc_id, error.reason.value, error.what) for xc_id, error in failures.items()],
        schema={"xc_id": pl.String, "reason": pl.String, "detail": pl.String},
        orient="row",
    )
    return missing.join(said, on="xc_id", how="inner", maintain_order="left").select(REASONS)


@contextmanager
def _disk_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DownloadError(
            f"the folder takes no more: {error.strerror or error}",
            where=error.filename or root,
            fix="make room or give leave to write, and run it again: it goes on",
        ) from error
