"""Figures of the report: matplotlib's object API only, so that no state is shared."""

from oscine.report.figures.style import NARROW_IN, WIDE_IN, inline, render

__all__ = ["NARROW_IN", "WIDE_IN", "inline", "render"]
