"""Options of the commands that hold a scan against what people heard in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from oscine.pipeline.scan_evaluation import AnnotatedScan

MinOverlap = Annotated[
    float,
    typer.Option(
        "--min-overlap",
        help="How much of an annotation a window must share to count as positive, s (a shorter one "
        "wholly); 0: any part of it, as the competitions count.",
    ),
]
Spans = Annotated[
    Literal["recording", "rows"],
    typer.Option(
        help="What counts as listened to: whole annotated recordings, or only windows that a row "
        "(nocall, too) is about.",
    ),
]
Unannotated = Annotated[
    Literal["leave_out", "negative"],
    typer.Option(help="Scanned recordings without annotations: left out, or without any species."),
]
LabelColumn = Annotated[
    str | None,
    typer.Option("--label-column", help="Column of Raven tables that holds the label."),
]
Taxonomies = Annotated[
    list[Path] | None,
    typer.Option(
        "--taxonomy",
        help="An eBird taxonomy that knows labels the bundle does not; repeatable.",
    ),
]
CrosswalkTable = Annotated[
    Path | None,
    typer.Option("--crosswalk", help="A table of your own, `old` to `new` labels."),
]


def annotated_scan(
    places: tuple[Path, Path, Path | None],
    truth: tuple[float, str, str],
    labels: tuple[str | None, list[Path] | None, Path | None],
) -> AnnotatedScan:
    """Put together what the options say.

    Args:
        places: The scan, the annotations, and the bundle if there is one.
        truth: Least overlap, what counts as listened to, and what the unannotated are.
        labels: Column of the label, taxonomies, and a crosswalk.
    """
    from oscine.catalog import TaxonomyConfig
    from oscine.config import parse
    from oscine.evaluate import AlignConfig
    from oscine.pipeline.scan_evaluation import AnnotatedScan

    scan, annotations, bundle = places
    names = ("min_overlap_s", "spans", "unannotated")
    column, tables, crosswalk = labels
    taxonomy = {
        "tables": list(map(str, tables or [])),
        "crosswalk": None if crosswalk is None else str(crosswalk),
    }
    return AnnotatedScan(
        scan=scan.parent if scan.is_file() else scan,
        annotations=annotations,
        bundle=bundle,
        label_column=column,
        taxonomy=parse(TaxonomyConfig, taxonomy, where="command line"),
        alignment=parse(AlignConfig, dict(zip(names, truth, strict=True)), where="command line"),
    )
