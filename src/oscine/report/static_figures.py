"""The figures of a run's report as files for a paper: SVG or PDF, in a light style for print.

The drawing code and the data are the page's own; what differs is the width, the colour of quiet
text, and that letters are kept in the file: as outlines in SVG, as an embedded font in PDF.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from oscine.core import ConfigError, atomic_path, write_text
from oscine.report.blocks import Clip, Plot
from oscine.report.figures.style import render_for_print
from oscine.report.run import Run
from oscine.report.sections import CHAPTERS

CAPTIONS = "captions.md"
"""Beside the figures: what each of them shows."""
WIDTH_MM = 183.0
"""Of two columns of most journals; one column is 89 mm wide."""
MM_PER_INCH = 25.4


def write_figures(
    run: Path, folder: Path, kind: Literal["svg", "pdf"] = "svg", width_mm: float = WIDTH_MM
) -> list[Path]:
    """Write every figure of a run's report, and what they show, into a folder.

    Args:
        run: The run folder; it is only read.
        folder: Where they go. Figures of an earlier call are written anew, other files stay.
        kind: Format of the files.
        width_mm: Width of each figure, mm.

    Returns:
        Paths of the figures, in the order of the page.

    Raises:
        ArtifactError: This is no run folder, or an artifact is damaged.
        ConfigError: The folder holds other things.
    """
    source = Run(run)
    name = source.facts.get("name") or run.name
    _refuse_others(folder)
    text = [f"# Figures of {name}", ""]
    # The captions are what makes the folder ours, so they are there before the figures are.
    write_text(folder / CAPTIONS, "\n".join(text))
    paths = []
    for plot, caption in _captioned(source):
        path = folder / f"{plot.name}.{kind}"
        with atomic_path(path) as partial:
            partial.write_bytes(render_for_print(plot, width_mm / MM_PER_INCH, kind))
        paths.append(path)
        text += [f"**{path.name}** {caption}", ""]
    write_text(folder / CAPTIONS, "\n".join(text))
    return paths


def _captioned(source: Run) -> Iterator[tuple[Plot, str]]:
    for makers in CHAPTERS.values():
        for make in makers:
            for block in make(source).blocks:
                if isinstance(block, Plot):
                    yield block, block.caption
                elif isinstance(block, Clip):
                    yield block.plot, f"{block.title}: {block.detail}"


def _refuse_others(folder: Path) -> None:
    ours = not folder.exists() or (folder / CAPTIONS).is_file()
    if not ours and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            "there is something else than figures of a report",
            where=folder,
            fix="give another --figures",
        )
