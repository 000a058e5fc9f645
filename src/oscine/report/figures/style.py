"""One look for every figure, and SVG that follows the page from light to dark.

Figures are drawn in the light palette, which is what the files keep. On the page each colour of the
palette becomes a CSS variable, so that one drawing serves both schemes.
"""

from __future__ import annotations

import io
import re
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from oscine.report.blocks import Plot

INK, MUTED, RULE = "#1c2126", "#5c6670", "#d8dde3"
BLUE, ORANGE, GREEN, RED = "#1f6aa5", "#c8692a", "#3b8757", "#b23a2e"
PALE = "#9fb4c7"

PALETTE: dict[str, str] = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    BLUE: "var(--blue)",
    ORANGE: "var(--orange)",
    GREEN: "var(--green)",
    RED: "var(--red)",
    PALE: "var(--pale)",
}
"""Each colour of the files by the CSS variable that stands for it on the page."""

STAGE_COLORS: dict[str, str] = {
    "pretrain": GREEN,
    "finetune": BLUE,
    "baseline": ORANGE,
    "naive": RED,
}
PART_COLORS: dict[str, str] = {"pretrain": GREEN, "target": BLUE}

WIDE_IN, NARROW_IN = 7.2, 3.5
"""Widths for a desktop's column and for a phone, inches."""

_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 8.5,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.titlecolor": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "xtick.minor.size": 0.0,
    "ytick.minor.size": 0.0,
    "lines.linewidth": 1.6,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
}


_PRINT: Any = {
    "font.family": "DejaVu Sans",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    # On paper grey letters of this size are hard to read.
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
"""What print has otherwise: white paper, letters kept in the file, no grey ones."""


def is_narrow(width_in: float) -> bool:
    """Tell whether a figure is for a phone."""
    return width_in < 5.0


def blank(
    width_in: float, height_in: float, n_rows: int = 1, n_columns: int = 1
) -> tuple[Figure, list[Axes]]:
    """Make a figure with a grid of axes.

    Returns:
        The figure, and its axes as a list, row by row.
    """
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    return figure, list(axes.flat)


def clip_text(text: str, width_in: float) -> str:
    """Shorten a label to what leaves room for the figure itself.

    Example:
        >>> clip_text("Black-crowned Night Heron of the Marsh", 3.5)
        'Black-crowned Night…'
    """
    longest = 20 if is_narrow(width_in) else 34
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def name_rows(axes: Axes, labels: list[str], width_in: float) -> None:
    """Put row names on the left, the first on top, in the page's ink."""
    axes.set_yticks(range(len(labels)), [clip_text(label, width_in) for label in labels])
    axes.tick_params(axis="y", labelcolor=INK)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def label_log(axis: Axis) -> None:
    """Label a logarithmic axis with plain numbers at 1, 2 and 5 of each decade."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())


def render(plot: Plot, width_in: float) -> str:
    """Draw a plot as SVG text; the same plot gives the same bytes.

    Args:
        plot: What is drawn.
        width_in: Its width, inches.

    Returns:
        A whole SVG document in the light palette.
    """
    style = _STYLE | {"svg.hashsalt": f"{plot.name}-{width_in}"}
    with mpl.rc_context(style):
        stream = io.StringIO()
        plot.draw(width_in).savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(r' (?:d|x|y)="[^"]*"', _round_places, stream.getvalue())


def render_for_print(plot: Plot, width_in: float, kind: Literal["svg", "pdf"]) -> bytes:
    """Draw a plot as a file for a paper; the same plot gives the same bytes.

    Args:
        plot: What is drawn.
        width_in: Its width, inches.
        kind: Format of the file.

    Returns:
        The file; its letters are outlines (SVG) or an embedded font (PDF).
    """
    undated = {"svg": ("Date", "Creator"), "pdf": ("CreationDate", "Creator", "Producer")}[kind]
    with mpl.rc_context(_STYLE | _PRINT | {"svg.hashsalt": plot.name}):
        stream = io.BytesIO()
        metadata = dict.fromkeys(undated)
        plot.draw(width_in).savefig(stream, format=kind, metadata=metadata)
    return stream.getvalue()


def _round_places(attribute: re.Match[str]) -> str:
    """Write places to hundredths of a point: the default of six decimals doubles a map's size."""
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute.group())


def inline(svg: str, prefix: str, label: str) -> str:
    """Prepare SVG text to stand inside a page.

    Args:
        svg: A whole SVG document from `render`.
        prefix: Put before every id, since ids must be unique on a page.
        label: What the picture shows, for those who cannot see it.

    Returns:
        An `<svg>` element that fills its column and takes its colours from the page.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r'(xlink:href="|href="|url\()#', rf"\g<1>#{prefix}-", body)
    body = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", body, count=1)
    body = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", body, count=1)
    safe = label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    body = body.replace("<svg", f'<svg role="img" aria-label="{safe}"', 1)
    for color, variable in PALETTE.items():
        body = body.replace(color, variable)
    return body
