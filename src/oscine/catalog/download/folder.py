"""The folder that a download fills: a catalog that `source: table` reads without a mapping.

    recordings.csv      one row a recording whose file is there, under our column names
    audio/LABEL/ID.EXT  the files
    ATTRIBUTION.csv     who must be named, by licence
    failures.csv        recordings that could not be had, and why
    skipped.csv         recordings that were not wanted, and why
    download.json       what was asked of which archive, and what the labels are
    pages/              answers of the archive, as they came
    partial/            files that are not whole yet

What is there is never replaced: rows that stand in `recordings.csv` stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl

from oscine.catalog.download.choice import REASONS
from oscine.catalog.download.listing import LISTING
from oscine.catalog.licenses import attribution
from oscine.core import CatalogError, ConfigError, atomic_path, read_json, write_json

FIRST = ("filename", "xc_id", "primary_label", "scientific_name")
NOT_KEPT = ("file_url", "file_type", "stated_name")
COLUMNS = (*FIRST, *(name for name in LISTING if name not in (*FIRST, *NOT_KEPT)))
"""Columns of recordings.csv, in order."""

Labels = Literal["scientific name", "eBird code"]


class DownloadFolder:
    """A folder that a download fills.

    Args:
        root: The folder; it is made when something is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.table = root / "recordings.csv"
        self.failures = root / "failures.csv"
        self.skipped = root / "skipped.csv"
        self.attribution = root / "ATTRIBUTION.csv"
        self.pages = root / "pages"
        self._note = root / "download.json"
        self._audio = root / "audio"
        self._partial = root / "partial"

    def there(self) -> dict[str, str]:
        """Find the files that are whole: id -> path below `audio`."""
        found = sorted(path for path in self._audio.glob("*/*") if path.is_file())
        return {path.stem: path.relative_to(self._audio).as_posix() for path in found}

    def target(self, filename: str) -> Path:
        """Tell where a file stands when it is whole."""
        return self._audio / filename

    def partial(self, filename: str) -> Path:
        """Tell where a file grows."""
        return self._partial / Path(filename).name

    def note(self, labels: Labels, asked: Mapping[str, Any]) -> None:
        """Note what is asked of an archive.

        Args:
            labels: What the labels of this download are.
            asked: Archive and query, or archive and export.

        Raises:
            ConfigError: The labels of the folder are of the other kind.
        """
        note = read_json(self._note) if self._note.exists() else {"labels": labels, "asked": []}
        if note["labels"] != labels:
            raise ConfigError(
                f"the labels of this folder are of the kind {note['labels']!r}, not {labels!r}",
                where=self.root,
                fix="call it as before (with or without --taxonomy), or take another folder",
            )
        if asked not in note["asked"]:
            write_json(self._note, {"labels": labels, "asked": [*note["asked"], asked]})

    def add(self, wanted: pl.DataFrame) -> int:
        """Add the rows of those recordings whose file is there, and write who must be named.

        Args:
            wanted: A labelled listing.

        Returns:
            Rows of the table now.

        Raises:
            CatalogError: recordings.csv is of another make.
        """
        rows = self._rows()
        there = self.there()
        paths = {"xc_id": list(there), "filename": list(there.values())}
        files = pl.DataFrame(paths, schema={"xc_id": pl.String, "filename": pl.String})
        new = wanted.join(files, on="xc_id", how="inner", maintain_order="left")
        if rows is not None:
            new = new.join(rows, on="xc_id", how="anti", maintain_order="left")
        if rows is None or len(new):
            texts = _texts(new.select(COLUMNS))
            rows = texts if rows is None else pl.concat([rows, texts], how="diagonal")
            if len(rows):
                write_csv(rows, self.table)
        if len(rows):
            named = attribution(rows).with_columns(pl.col("xc_ids").list.join(" "))
            write_csv(named, self.attribution)
        return len(rows)

    def _rows(self) -> pl.DataFrame | None:
        if not self.table.exists():
            return None
        try:
            rows = pl.read_csv(self.table, infer_schema=False)
        except pl.exceptions.PolarsError as error:
            raise CatalogError(f"the table cannot be read: {error}", where=self.table) from error
        needed = ("xc_id", "filename", "author", "license")
        missing = [name for name in needed if name not in rows.columns]
        if missing:
            raise CatalogError(
                f"the table lacks {', '.join(missing)}: no download wrote it",
                where=self.table,
                fix="download to another folder",
            )
        return rows

    def write_failures(self, failures: pl.DataFrame, judged: pl.Series) -> None:
        """Write which recordings could not be had; those of other queries stay.

        Args:
            failures: Recordings that failed now (REASONS).
            judged: Ids of all recordings that were tried now.
        """
        self._write_reasons(self.failures, failures, judged)

    def write_skipped(self, skipped: pl.DataFrame, judged: pl.Series) -> None:
        """Write which recordings were not wanted; those of other queries stay.

        Args:
            skipped: Recordings that are not wanted (REASONS).
            judged: Ids of all recordings that were looked at now.
        """
        self._write_reasons(self.skipped, skipped, judged)

    def _write_reasons(self, path: Path, rows: pl.DataFrame, judged: pl.Series) -> None:
        if path.exists():
            earlier = pl.read_csv(path, infer_schema=False).select(REASONS)
            settled = {*judged, *self.there()}
            rows = pl.concat([earlier.filter(~pl.col("xc_id").is_in(list(settled))), rows])
        if len(rows):
            write_csv(rows, path)
        else:
            path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the folder of partial files, when there is none."""
        if self._partial.is_dir() and not any(self._partial.iterdir()):
            self._partial.rmdir()


def _texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Write every value as text; a list as the tables of BirdCLEF do, `['a', 'b']`."""
    lists = [name for name, dtype in rows.schema.items() if dtype == pl.List(pl.String)]
    literals = [
        pl.Series(name, [str(value) for value in rows[name].to_list()], dtype=pl.String)
        for name in lists
    ]
    return rows.with_columns(literals).with_columns(pl.all().cast(pl.String))


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write a CSV table atomically."""
    with atomic_path(path) as partial:
        table.write_csv(partial)
