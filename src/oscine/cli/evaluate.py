"""`oscine evaluate`: the metrics of a recipe's run, or of a scan against annotations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from oscine.cli import annotated
from oscine.cli.run import (
    ExcludeLicense,
    Json,
    metric_cell,
    print_metrics,
    print_stages,
    run_stages,
    with_licenses,
)
from oscine.cli.terminal import plain_console
from oscine.core import ScanError

if TYPE_CHECKING:
    from oscine.pipeline.scan_evaluation import AnnotatedScan

SCORES = "scores.parquet"
"""What a scan's folder holds, and no recipe."""

LISTED = 5
"""How many left-out names the terminal lists; the page has all."""


def evaluate(  # noqa: PLR0913, PLR0917 - Typer makes each option of a parameter
    what: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE | SCAN",
            help="A recipe file or preset: its run's out-of-fold metrics. Or the folder of a scan: "
            "that scan against ANNOTATIONS.",
            show_default=False,
        ),
    ],
    rest: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OVERRIDE... | ANNOTATIONS]",
            help="For a recipe, settings to change, such as seed=1. For a scan: Raven tables, "
            "Audacity labels or train_soundscapes_labels.csv, a file or a folder.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The run folder (runs/NAME), or for a scan SCAN/evaluation."),
    ] = None,
    exclude_license: ExcludeLicense = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            help="Scan: the bundle that made it, for names and the gap to its clips; default: what "
            "the scan says."
        ),
    ] = None,
    min_overlap: annotated.MinOverlap = 0.0,
    spans: annotated.Spans = "recording",
    unannotated: annotated.Unannotated = "leave_out",
    label_column: annotated.LabelColumn = None,
    taxonomy: annotated.Taxonomies = None,
    crosswalk: annotated.CrosswalkTable = None,
    draws: Annotated[int, typer.Option(min=1, help="Scan: draws of the bootstrap.")] = 1000,
    as_json: Json = False,
) -> None:
    """Compute the metrics of a recipe's run, or of a scan against annotations.

    What the first argument is decides: a folder that holds scores.parquet is a scan, all else is a
    recipe.
    """
    if not is_scan(Path(what)):
        evaluate_recipe(what, with_licenses(rest, exclude_license), out, as_json)
        return
    scan = annotated.annotated_scan(
        (Path(what), annotations_of(what, rest), bundle),
        (min_overlap, spans, unannotated),
        (label_column, taxonomy, crosswalk),
    )
    measure_scan(scan, out or scan.scan / "evaluation", draws, as_json)


def measure_scan(scan: AnnotatedScan, folder: Path, draws: int, as_json: bool) -> None:
    """Hold a scan against annotations, print what comes of it, and make its page."""
    from oscine.evaluate import BootstrapConfig
    from oscine.pipeline.scan_evaluation import evaluate_scan

    told = evaluate_scan(scan, folder, BootstrapConfig(n=draws))
    if as_json:
        plain_console().print_json(data=told)
    else:
        print_scan(told)
    from oscine.report import build_scan_evaluation

    page = build_scan_evaluation(folder)
    if not as_json:
        plain_console().print(f"page: {page}", soft_wrap=True)


def is_scan(path: Path) -> bool:
    """Tell a scan from a recipe.

    Raises:
        ScanError: It is a folder, but no scan.
    """
    if path.name == SCORES and path.is_file():
        return True
    if not path.is_dir():
        return False
    if (path / SCORES).is_file():
        return True
    inner = path / "scan"
    fix = "give a scan's folder, or a recipe file"
    if (inner / SCORES).is_file():
        fix = f"this is a run; its scan is {inner}"
    raise ScanError(f"a folder without {SCORES} is no scan", where=path, fix=fix)


def annotations_of(scan: str, rest: list[str] | None) -> Path:
    """Take the one argument that follows a scan.

    Raises:
        ScanError: There is none, or more than one.
    """
    if not rest or len(rest) > 1:
        raise ScanError(
            f"a scan is held against one table or folder of annotations, not {len(rest or [])}",
            where=scan,
            fix="oscine evaluate SCAN ANNOTATIONS",
        )
    return Path(rest[0])


def evaluate_recipe(recipe: str, overrides: list[str], out: Path | None, as_json: bool) -> None:
    """Bring a run's evaluation up to date and print it."""
    folder, rows = run_stages(recipe, overrides, out, ["evaluate"])
    print_stages(rows, as_json)
    if not as_json:
        print_metrics(folder)


def print_scan(told: dict[str, Any]) -> None:
    """Print a scan's metrics, the gap, and what took no part."""
    from oscine.report.sections.names import METRIC_NAMES
    from oscine.report.sections.scores import metrics_in
    from oscine.report.sections.soundscapes import (
        gap_sentences,
        left_out_sentence,
        truth_sentence,
    )

    console = plain_console()
    console.print(truth_sentence(told), soft_wrap=True)
    table = Table("metric", "soundscapes", box=None, header_style="bold")
    for name in metrics_in({"scan": told["metrics"]}, told["n_classes"]):
        table.add_row(METRIC_NAMES[name], metric_cell(told["metrics"][name]))
    console.print(table)
    for sentence in gap_sentences(told) if told["gap"] else []:
        console.print(sentence, soft_wrap=True)
    console.print(left_out_sentence(told), soft_wrap=True)
    labels = [f"{label} ({n})" for label, n in told["unknown_labels"].items()]
    for title, names in {
        "labels without a class": labels,
        "scanned, not annotated": told["unannotated"],
        "annotated, not scanned": told["not_scanned"],
    }.items():
        if names:
            more = f", and {len(names) - LISTED} more" if len(names) > LISTED else ""
            console.print(f"  {title}: {', '.join(names[:LISTED])}{more}", soft_wrap=True)
