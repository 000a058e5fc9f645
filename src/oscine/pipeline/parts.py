"""Results of work on many files, kept in parts: a killed stage goes on after the last part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from oscine.core import atomic_path, track


@dataclass(frozen=True)
class Parts:
    """Where the parts of one kind of work lie.

    Args:
        folder: Their folder.
        prefix: How their names begin, before a number; empty: with the number.
        schema: Columns of a part; one of them is `filepath`.
        n_rows: Files worked on between two writes: what a kill can lose.
    """

    folder: Path
    prefix: str
    schema: Mapping[str, Any]
    n_rows: int

    def complete(
        self,
        paths: Iterable[str],
        work: Callable[[Sequence[str]], Iterable[Mapping[str, Any]]],
        what: str,
    ) -> pl.DataFrame:
        """Work on the files that no part has yet.

        Args:
            paths: All files.
            work: Gives the row of each file that it is given, in order.
            what: What is being done, for the progress shown.

        Returns:
            The rows of all parts: one a file.
        """
        parts = [pl.read_parquet(file) for file in self._written()]
        known = {path for part in parts for path in part["filepath"].to_list()}
        left = [path for path in paths if path not in known]
        rows: list[Mapping[str, Any]] = []
        for row in track(work(left), what, len(left)):
            rows.append(row)
            if len(rows) == self.n_rows:
                parts.append(self._write(rows, len(parts)))
                rows = []
        if rows:
            parts.append(self._write(rows, len(parts)))
        return pl.concat([pl.DataFrame(schema=self.schema), *parts])

    def _written(self) -> list[Path]:
        return sorted(self.folder.glob(f"{self.prefix}[0-9]*.parquet"))

    def _write(self, rows: list[Mapping[str, Any]], number: int) -> pl.DataFrame:
        table = pl.DataFrame(rows, schema=self.schema, orient="row")
        with atomic_path(self.folder / f"{self.prefix}{number:06d}.parquet") as partial:
            table.write_parquet(partial)
        return table
