"""The text formats in which people annotate recordings: Raven's and Audacity's.

Source: the Raven Pro 1.6 user's manual, "Selection tables"; the Audacity manual, "Importing and
exporting labels". Real tables taught the rest: a header that ends in a tab, rows that lack their
last cells, quotes from R, decimal commas, one selection twice because two views show it.
"""

from __future__ import annotations

import io
import re

import polars as pl

from oscine.catalog.times import seconds
from oscine.core import SourceError

BEGIN, END = "Begin Time (s)", "End Time (s)"
"""Raven: bounds of a selection, s from the start of the first file that the table is about."""

OFFSET = "File Offset (s)"
"""Raven: start of a selection in its own file, s; where a table is about several files."""

BEGIN_PATH, BEGIN_FILE = "Begin Path", "Begin File"
"""Raven: the file in which a selection begins."""

MADE_HERE = ("line", "start_s", "end_s")
"""Columns that follow from the file; a table's own columns of these names are not read."""

SCORED_LABEL = r"^(\S+): (?:.* )?\([01]\.\d+\)$"
"""How a detection stands in a label track that oscine wrote: `CODE: NAME (SCORE)`."""

RAVEN_SUFFIX = re.compile(
    r"(\.Table\.\d+)?(\.BirdNET)?(\.selections?)?(\.table)?\.txt$", re.IGNORECASE
)
"""What stands behind the recording's name in the name of a selection table."""


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Part a text into cells, each row with the number of its line; empty lines have none."""
    lines = io.StringIO(text, newline=None).readlines()
    rows = ((number, line.rstrip("\n").split("\t")) for number, line in enumerate(lines, start=1))
    return [(number, [_bare(cell) for cell in cells]) for number, cells in rows if any(cells)]


def _bare(cell: str) -> str:
    cell = cell.strip()
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"').strip() if quoted else cell


def is_selection_table(text: str) -> bool:
    r"""Tell whether a text is a Raven selection table: its first line names the begin times.

    Example:
        >>> is_selection_table("Selection\tView\tBegin Time (s)\n")
        True
    """
    rows = _rows(text.partition("\n")[0])
    return bool(rows) and BEGIN in rows[0][1]


def parse_selections(text: str, where: object) -> pl.DataFrame:
    """Read a Raven selection table.

    Args:
        text: The table, with its header line.
        where: What to name in an error.

    Returns:
        `line` (its number in the file), `start_s` and `end_s` (in the file of the selection), and
        every column of the table as text, empty cells null. The second view of a selection is no
        second row.

    Raises:
        SourceError: A column of times is missing, or a time is none.
    """
    (_, header), *rows = _rows(text)
    if absent := [name for name in (BEGIN, END) if name not in header]:
        raise SourceError(
            f"the selection table lacks {', '.join(absent)}",
            where=where,
            fix=f"its columns are {', '.join(filter(None, header))}",
        )
    places = reversed(list(enumerate(header)))  # of two columns with one name the first counts
    names = {name: place for place, name in places if name and name not in MADE_HERE}
    cells = {
        name: [row[place] or None if place < len(row) else None for _, row in rows]
        for name, place in names.items()
    }
    table = pl.DataFrame(
        {"line": [number for number, _ in rows], **cells},
        schema={"line": pl.Int64} | dict.fromkeys(names, pl.String),
    )
    return _in_own_file(table, where)


def _in_own_file(table: pl.DataFrame, where: object) -> pl.DataFrame:
    """Read the times, and count them from the start of the file that each selection is in."""
    begin, end = (_times(table, name, where) for name in (BEGIN, END))
    start = begin
    if OFFSET in table.columns:
        stated = table[OFFSET].is_not_null()
        start = begin.clone()
        start = start.scatter(stated.arg_true(), _times(table.filter(stated), OFFSET, where))
    return table.with_columns(start_s=start, end_s=(start + (end - begin)).clip(lower_bound=0.0))


def _times(table: pl.DataFrame, name: str, where: object) -> pl.Series:
    times = seconds(table[name])
    bad = (times.is_null() | (times < 0.0)).fill_null(True)
    if bad.any():
        row = table.row(bad.arg_max() or 0, named=True)
        raise SourceError(
            f"line {row['line']}: {name} is {row[name]!r}, which is no time in the recording",
            where=where,
            fix="correct the line, or delete it",
        )
    return times


def parse_labels(text: str, where: object) -> pl.DataFrame | None:
    """Read an Audacity label track.

    Args:
        text: Lines of start, end and label; a line that begins with a backslash holds the
            frequencies of the one before, which are not needed here.
        where: What to name in an error.

    Returns:
        `line`, `start_s`, `end_s`, `label` (null where it is empty; of a detection that oscine
        wrote, its species code); None when no line is a label: then it is some other text.

    Raises:
        SourceError: Some lines are labels, and one is not.
    """
    rows = [(line, [*cells, "", ""][:3]) for line, cells in _rows(text) if cells[0] != "\\"]
    table = pl.DataFrame(
        [(line, *cells) for line, cells in rows],
        schema={"line": pl.Int64, "start": pl.String, "end": pl.String, "label": pl.String},
        orient="row",
    )
    if not (seconds(table["start"]).is_not_null() & seconds(table["end"]).is_not_null()).any():
        return None
    return table.select(
        "line",
        _times(table, "start", where).alias("start_s"),
        _times(table, "end", where).alias("end_s"),
        pl.col("label").str.replace(SCORED_LABEL, "$1").replace("", None),
    )


def scored_label() -> pl.Expr:
    """Write the label of a detection, from `species_code`, `common_name` and `score`.

    `parse_labels` reads its species code again, so that corrected detections can train.
    """
    score = pl.col("score").round(3).cast(pl.String)
    text = pl.format("{}: {} ({})", "species_code", "common_name", score)
    return text.str.replace_all(r"\s+", " ")
