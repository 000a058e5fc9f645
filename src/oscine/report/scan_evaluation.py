"""The page of a scan held against annotations, from the folder that its evaluation left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from oscine.core import ArtifactError, read_json
from oscine.report.page import Chapter, Heading, write_page
from oscine.report.sections import soundscapes as sections

FILES = ("metrics.json", "per_class.parquet", "curves.parquet")
"""What the page is made of."""


def build_scan_evaluation(folder: Path) -> Path:
    """Write `index.html` and `figures/*.svg` into the folder of an evaluated scan.

    Args:
        folder: Holds `FILES`.

    Returns:
        Path of the page.

    Raises:
        ArtifactError: A file is missing.
    """
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise ArtifactError(
            f"it lacks {missing[0]}", where=folder, fix="run oscine evaluate SCAN ANNOTATIONS"
        )
    told: dict[str, Any] = read_json(folder / FILES[0])
    classes, curves = (pl.read_parquet(folder / name) for name in FILES[1:])
    chapters = [
        Chapter("Result", [sections.result(told), sections.gap(told)]),
        Chapter("Classes", [sections.curves(classes, curves, told), sections.by_class(classes)]),
        Chapter("Left out", [sections.left_out(told)]),
    ]
    heading = Heading(
        kind="scan against annotations",
        name=Path(told["annotations"]).name,
        comment=f"scan {told['scan']}",
        facts=[
            ("recordings", f"{told['n_recordings']:,}"),
            ("windows", f"{told['n_windows']:,}"),
            ("classes scored", f"{told['n_scored']:,} of {told['n_classes']:,}"),
            ("draws", f"{told['settings']['bootstrap']['n']:,}"),
        ],
        origin="the scan and the annotations",
        parts="the figures",
        files="figures",
    )
    return write_page(folder / "index.html", heading, chapters)
