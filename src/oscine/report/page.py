"""The reports: self-contained HTML pages, and their figures as files, from stored artifacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from oscine.core import atomic_path, write_text
from oscine.report.blocks import Block, Clip, Code, Plot, Preview, Section, Table, duration
from oscine.report.figures import NARROW_IN, WIDE_IN, inline, render
from oscine.report.previews import preview_html
from oscine.report.run import Run
from oscine.report.sections import CATALOG_CHAPTERS, CHAPTERS, Chapters

KINDS: Mapping[type, str] = {
    Plot: "plot",
    Table: "table",
    Preview: "preview",
    Clip: "clip",
    Code: "code",
}
"""What the template calls each kind of block."""

Facts = list[tuple[str, str]]
"""What stands under a page's title: names and values."""


@dataclass(frozen=True)
class Chapter:
    """A title over sections."""

    title: str
    sections: list[Section] = field(default_factory=list)


@dataclass(frozen=True)
class Heading:
    """What stands above and below a page's sections.

    Args:
        kind: What the page calls itself.
        name: Title.
        comment: A line under it, or nothing.
        facts: The few facts that stand under the title.
        origin: What it was made from.
        parts: What lies beside the page.
        files: Folder where it lies.
    """

    kind: str
    name: str
    comment: str
    facts: Facts
    origin: str
    parts: str
    files: str


@dataclass(frozen=True)
class Edition:
    """A page that can be made of a run.

    Args:
        name: File name in `report/`, without extension.
        figures: Folder of its figures, beside it.
        kind: What the page calls itself.
        chapters: Makers of its sections.
        summary: Gives the few facts that stand under the title.
    """

    name: str
    figures: str
    kind: str
    chapters: Chapters
    summary: Callable[[Run], Facts]


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
    return _build(run, Edition("index", "figures", "run report", CHAPTERS, run_facts))


def build_catalog_report(run: Path) -> Path:
    """Write `report/catalog.html` and `report/catalog-figures/*.svg`: the data of a run.

    It reads what `build_report` reads of the data, and for pictures of findings the recordings
    themselves, where they are still there.

    Args:
        run: The run folder; its catalogs are read.

    Returns:
        Path of the page.

    Raises:
        ArtifactError: This is no run folder, or an artifact is damaged.
    """
    chapters = CATALOG_CHAPTERS
    return _build(
        run, Edition("catalog", "catalog-figures", "catalog report", chapters, catalog_facts)
    )


def _build(run: Path, edition: Edition) -> Path:
    source = Run(run)
    chapters = [
        Chapter(title, [make(source) for make in makers])
        for title, makers in edition.chapters.items()
    ]
    facts = source.facts
    heading = Heading(
        kind=edition.kind,
        name=facts.get("name") or source.path.name,
        comment=facts.get("comment") or "",
        facts=edition.summary(source),
        origin="the artifacts of this run",
        parts="the figures",
        files=edition.figures,
    )
    return write_page(run / "report" / f"{edition.name}.html", heading, chapters)


def write_page(page: Path, heading: Heading, chapters: list[Chapter]) -> Path:
    """Write a page, and beside it the folder of its figures as files.

    Args:
        page: Path of the page; what was there is written anew.
        heading: What stands above and below its sections, and the name of the folder.
        chapters: Its sections.

    Returns:
        Path of the page.
    """
    svgs = draw(chapters)
    with atomic_path(page.parent / heading.files) as partial:
        partial.mkdir()
        for name, (wide, _) in svgs.items():
            (partial / f"{name}.svg").write_text(wide, encoding="utf-8")
    write_text(page, fill(heading, chapters, svgs))
    return page


def _plots(sections: Iterable[Section]) -> Iterable[Plot]:
    for section in sections:
        for block in section.blocks:
            if isinstance(block, (Plot, Clip)):
                yield block if isinstance(block, Plot) else block.plot


def draw(chapters: Iterable[Chapter]) -> dict[str, tuple[str, str]]:
    """Draw each plot of a page for a desktop and for a phone, by its name."""
    plots = (plot for chapter in chapters for plot in _plots(chapter.sections))
    return {plot.name: (render(plot, WIDE_IN), render(plot, NARROW_IN)) for plot in plots}


def fill(heading: Heading, chapters: list[Chapter], svgs: dict[str, tuple[str, str]]) -> str:
    """Write a page.

    Args:
        heading: What stands above and below its sections.
        chapters: Its sections.
        svgs: Its plots, as `draw` gives them.

    Returns:
        HTML that needs no other file.
    """
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
    environment.globals.update(clip_svg=_clip_writer(svgs), preview=preview_html)
    template = environment.get_template("report.html.j2")
    return template.render(heading=heading, chapters=chapters)


def _kind(block: Block) -> str:
    return KINDS[type(block)]


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


def run_facts(source: Run) -> Facts:
    """Give the few facts of a run."""
    facts = source.facts
    species = source.classes("target")
    recordings = source.recordings("target")
    seconds = [row["seconds"] for row in facts.get("stages", []) if row.get("seconds") is not None]
    pairs = [
        _made(source),
        ("species", f"{len(species):,}" if species else ""),
        ("recordings", "" if recordings is None else f"{recordings.height:,}"),
        ("time", duration(sum(seconds)) if seconds else ""),
        ("seed", str(facts.get("seed", ""))),
        ("commit", str((facts.get("git") or {}).get("commit", ""))[:10]),
    ]
    return [(name, value) for name, value in pairs if value]


def catalog_facts(source: Run) -> Facts:
    """Give the few facts of a run's catalogs."""
    recordings = source.all_recordings()
    if recordings is None:
        return [pair for pair in [_made(source)] if pair[1]]
    audit = source.table("audit/audit.parquet")
    seconds = 0.0 if audit is None else float(audit["duration_s"].sum() or 0.0)
    pairs = [
        _made(source),
        ("catalogs", f"{recordings['catalog'].n_unique():,}"),
        ("recordings", f"{recordings.height:,}"),
        ("classes", f"{recordings['primary_label'].n_unique():,}"),
        ("recordists", f"{recordings['author'].drop_nulls().n_unique():,}"),
        ("audio", duration(seconds) if seconds else ""),
    ]
    return [(name, value) for name, value in pairs if value not in ("", "0")]


def _made(source: Run) -> tuple[str, str]:
    return "made", str(source.facts.get("created", ""))[:16].replace("T", " ")
