"""`oscine calibrate`: thresholds and calibration of a bundle from annotated soundscapes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from oscine.cli import annotated
from oscine.cli.run import Json
from oscine.cli.terminal import plain_console


def calibrate(  # noqa: PLR0913, PLR0917 - Typer makes each option of a parameter
    bundle: Annotated[Path, typer.Argument(help="The bundle that scanned.")],
    scan: Annotated[Path, typer.Argument(help="The folder of the scan, of uncalibrated scores.")],
    annotations: Annotated[
        Path,
        typer.Argument(
            help="Raven tables, Audacity labels or train_soundscapes_labels.csv: a file or folder."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the new bundle; default: BUNDLE-calibrated beside it."),
    ] = None,
    precision: Annotated[
        float, typer.Option(help="Share of a class's detections that is to be right.")
    ] = 0.9,
    best_f1: Annotated[
        bool, typer.Option("--best-f1", help="Each class's best F1 instead of a precision.")
    ] = False,
    min_positives: Annotated[
        int,
        typer.Option(
            help="Windows of a class from which on it has a threshold and map of its own."
        ),
    ] = 10,
    min_overlap: annotated.MinOverlap = 0.0,
    spans: annotated.Spans = "recording",
    unannotated: annotated.Unannotated = "leave_out",
    label_column: annotated.LabelColumn = None,
    taxonomy: annotated.Taxonomies = None,
    crosswalk: annotated.CrosswalkTable = None,
    as_json: Json = False,
) -> None:
    """Learn a bundle's thresholds and calibration from soundscapes that people annotated.

    The new bundle is a copy with another bundle.json; the old one stays as it is. Precision and
    recall elsewhere are of recordings that had no part in choosing the threshold.
    """
    from oscine.config import parse
    from oscine.evaluate import CalibrationConfig
    from oscine.pipeline.calibrate import calibrate_bundle

    settings = {"precision": None if best_f1 else precision, "min_positives": min_positives}
    asked = annotated.annotated_scan(
        (scan, annotations, bundle),
        (min_overlap, spans, unannotated),
        (label_column, taxonomy, crosswalk),
    )
    folder = out or bundle.with_name(f"{bundle.name}-calibrated")
    config = parse(CalibrationConfig, settings, where="oscine calibrate")
    told = calibrate_bundle(asked, config, folder)
    if as_json:
        plain_console().print_json(data=told)
        return
    print_decided(told)
    plain_console().print(f"bundle: {folder}", soft_wrap=True)


def print_decided(told: dict[str, Any]) -> None:
    """Print what was decided, with a row for each class that was heard."""
    from oscine.report.sections.calibration import class_cells, sentences

    console = plain_console()
    heads = ["class", "positives", "calibration", "threshold", "precision", "recall"]
    table = Table(*heads, "elsewhere", "", box=None, header_style="bold")
    for row in told["classes"]:
        if row["n_positive"]:
            table.add_row(row["species_code"], *class_cells(told, row))
    console.print(table)
    for sentence in sentences(told, "window"):
        console.print(sentence, soft_wrap=True)
