"""The report: one self-contained HTML page, and its figures as files, from stored artifacts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from oscine.core import atomic_path, write_text
from oscine.report.blocks import Block, Clip, Code, Plot, Section, Table, duration
from oscine.report.figures import NARROW_IN, WIDE_IN, inline, render
from oscine.report.run import Run
from oscine.report.sections import CHAPTERS


@dataclass(frozen=True)
class Chapter:
    """A title over sections."""

    title: str
    sections: list[Section] = field(default_factory=list)


def build_report(run: Path) -> Path:
    """Write `report/index.html` and `report/figures/*.svg` into a run folder.

    Only stored artifacts are read: no score is computed again and no network is touched. A stage
    that did not run leaves a section that says so.

    Args:
        run: The run folder.

    Returns:
        Path of the page.

    Raises:
        ArtifactError: This is no run folder, or an artifact is damaged.
    """
    source = Run(run)
    chapters = [
        Chapter(title, [make(source) for make in makers]) for title, makers in CHAPTERS.items()
    ]
    folder = run / "report"
    svgs = _draw(plot for chapter in chapters for plot in _plots(chapter.sections))
    with atomic_path(folder / "figures") as partial:
        partial.mkdir()
        for name, (wide, _) in svgs.items():
            (partial / f"{name}.svg").write_text(wide, encoding="utf-8")
    page = folder / "index.html"
    write_text(page, _fill(source, chapters, svgs))
    return page


def _plots(sections: Iterable[Section]) -> Iterable[Plot]:
    for section in sections:
        for block in section.blocks:
            if isinstance(block, (Plot, Clip)):
                yield block if isinstance(block, Plot) else block.plot


def _draw(plots: Iterable[Plot]) -> dict[str, tuple[str, str]]:
    """Draw each plot for a desktop and for a phone."""
    return {plot.name: (render(plot, WIDE_IN), render(plot, NARROW_IN)) for plot in plots}


def _fill(source: Run, chapters: list[Chapter], svgs: dict[str, tuple[str, str]]) -> str:
    templates = resources.files("oscine.report") / "templates"
    texts = {
        name: (templates / name).read_text(encoding="utf-8")
        for name in ("report.html.j2", "report.css")
    }
    environment = Environment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(kind=_kind, svg=_svg_writer(svgs), css=Markup(texts["report.css"]))
    environment.globals.update(clip_svg=_clip_writer(svgs))
    facts = source.facts
    return environment.get_template("report.html.j2").render(
        name=facts.get("name") or source.path.name,
        comment=facts.get("comment") or "",
        summary=_summary(source),
        chapters=chapters,
    )


def _kind(block: Block) -> str:
    kinds: dict[type, str] = {Plot: "plot", Table: "table", Clip: "clip", Code: "code"}
    return kinds[type(block)]


def _svg_writer(svgs: dict[str, tuple[str, str]]) -> Any:
    def write(plot: Plot, label: str) -> Markup:
        wide, narrow = svgs[plot.name]
        # Both are drawings of this program; labels in them were escaped by matplotlib.
        return Markup(
            f'<div class="wide">{inline(wide, f"{plot.name}-w", label)}</div>'
            f'<div class="narrow">{inline(narrow, f"{plot.name}-n", label)}</div>'
        )

    return write


def _clip_writer(svgs: dict[str, tuple[str, str]]) -> Any:
    """Clips stand two abreast on a desktop, so that the drawing for a phone fits both."""

    def write(clip: Clip) -> Markup:
        label = f"Spectrogram: {clip.title}"
        return Markup(inline(svgs[clip.plot.name][1], clip.plot.name, label))

    return write


def _summary(source: Run) -> list[tuple[str, str]]:
    """Give the few facts that stand under the title."""
    facts = source.facts
    species = source.classes("target")
    recordings = source.recordings("target")
    seconds = [row["seconds"] for row in facts.get("stages", []) if row.get("seconds") is not None]
    git = facts.get("git") or {}
    pairs = [
        ("made", str(facts.get("created", ""))[:16].replace("T", " ")),
        ("species", f"{len(species):,}" if species else ""),
        ("recordings", "" if recordings is None else f"{recordings.height:,}"),
        ("time", duration(sum(seconds)) if seconds else ""),
        ("seed", str(facts.get("seed", ""))),
        ("commit", str(git.get("commit", ""))[:10]),
    ]
    return [(name, value) for name, value in pairs if value]
