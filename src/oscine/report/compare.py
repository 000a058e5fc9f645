"""The page that puts runs side by side."""

from __future__ import annotations

from pathlib import Path

from oscine.core import write_json
from oscine.report.comparison import Comparison
from oscine.report.page import Chapter, Heading, write_page
from oscine.report.sections import comparison as sections
from oscine.report.sections.verdicts import method

FIGURES = "figures"
NAMED = 4
"""Contenders that a title names."""


def build_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write `index.html`, `comparison.json` and `figures/*.svg` into a folder.

    Args:
        comparison: Runs and what tells them apart.
        folder: Where they go; a comparison that was there is written anew.

    Returns:
        Path of the page.
    """
    chapters = [
        Chapter("Result", [sections.result(comparison)]),
        Chapter("What differs", [sections.changed(comparison)]),
        Chapter("Classes", [sections.classes(comparison)]),
        Chapter("Learning", [sections.learning(comparison), sections.cost(comparison)]),
        Chapter("Method", [method(comparison)]),
    ]
    write_json(folder / "comparison.json", comparison.to_plain())
    heading = Heading(
        kind="comparison",
        name=_title([one.name for one in comparison.contenders]),
        comment="",
        facts=[
            ("runs", str(sum(len(one.members) for one in comparison.contenders))),
            ("held against", comparison.first.name),
            ("draws", f"{comparison.n_draws:,}"),
        ],
        origin="the artifacts of these runs",
        parts="the figures",
        files=FIGURES,
    )
    return write_page(folder / "index.html", heading, chapters)


def _title(names: list[str]) -> str:
    """Name all, or the first and how many others."""
    if len(names) > NAMED:
        return f"{names[0]} and {len(names) - 1} others"
    return f"{', '.join(names[:-1])} and {names[-1]}"
