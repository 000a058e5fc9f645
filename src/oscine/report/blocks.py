"""What a section is made of - text, tables, plots, clips - and how numbers are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl
from matplotlib.figure import Figure

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Plot:
    """A figure and what it shows.

    Args:
        name: File name without extension; unique on the page.
        caption: What is seen, in a sentence or two.
        draw: Makes the figure for a width in inches, so that a phone gets one of its own.
    """

    name: str
    caption: str
    draw: Callable[[float], Figure]


@dataclass(frozen=True)
class Cell:
    """A table cell with a second, quieter line."""

    main: str
    minor: str = ""


@dataclass(frozen=True)
class Picture:
    """A table cell with a small picture.

    Args:
        address: The picture as a data address.
        label: What it shows, for those who cannot see it.
    """

    address: str
    label: str


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Args:
        caption: What the rows are.
        columns: Headings; a cell is a name and is written as it stands.
        rows: Texts, cells or pictures, one row a list.
        text_columns: How many columns from the left hold text; the others hold numbers.
        folded: Whether it opens only when asked.
    """

    caption: str
    columns: Sequence[str | Cell]
    rows: Sequence[Sequence[str | Cell | Picture]]
    text_columns: int = 1
    folded: bool = False


@dataclass(frozen=True)
class Preview:
    """The first rows of a table, with its own columns and types.

    Args:
        name: Unique on the page.
        caption: What the rows are.
        rows: The rows.
        note: A sentence below them.
    """

    name: str
    caption: str
    rows: pl.DataFrame
    note: str = ""


@dataclass(frozen=True)
class Clip:
    """A recording's passage to see and hear.

    Args:
        title: What it is.
        detail: What was said about it.
        plot: Its spectrogram.
        audio: Its sound as a data address; empty where there is none.
    """

    title: str
    detail: str
    plot: Plot
    audio: str = ""


@dataclass(frozen=True)
class Code:
    """Text that is shown as it stands."""

    caption: str
    text: str
    folded: bool = False


Block = Plot | Table | Preview | Clip | Code


@dataclass(frozen=True)
class Section:
    """A heading, sentences, and blocks.

    Args:
        key: Anchor on the page.
        title: Heading.
        text: Paragraphs that come first.
        blocks: What follows them.
        absent: Why there is nothing to show; empty where there is.
    """

    key: str
    title: str
    text: Sequence[str] = ()
    blocks: Sequence[Block] = field(default_factory=tuple)
    absent: str = ""


def number(value: float | None, digits: int = 3) -> str:
    """Write a number; None and NaN become a dash.

    Example:
        >>> number(0.51251), number(12345), number(-0.0001)
        ('0.513', '12,345', '0.000')
    """
    if value is None or math.isnan(value):
        return DASH
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    return f"{value:z,.{digits}f}".replace("-", MINUS)


def signed(value: float | None, digits: int = 3) -> str:
    """Write a difference with its sign.

    Example:
        >>> signed(0.02), signed(-0.0001)
        ('+0.020', '+0.000')
    """
    return DASH if value is None else f"{value:+z.{digits}f}".replace("-", MINUS)


def duration(seconds: float | None) -> str:
    """Write a duration in the two units that matter.

    Example:
        >>> duration(0.42), duration(75), duration(7260)
        ('0.4 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds is None:
        return DASH
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def counted(n: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun.

    Example:
        >>> counted(1, "class", "classes"), counted(1200, "row")
        ('1 class', '1,200 rows')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
