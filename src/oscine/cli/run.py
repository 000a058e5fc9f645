"""`oscine run` and the commands that bring one stage of a run up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from oscine.cli.terminal import plain_console, set_up_logging

if TYPE_CHECKING:
    from oscine.pipeline import Recipe

RecipeName = Annotated[str, typer.Argument(help="A recipe file (.yaml), or the name of a preset.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(help="Settings to change, such as model.backbone=resnet18."),
]
Out = Annotated[Path | None, typer.Option("--out", help="The run folder; default: runs/NAME.")]
ExcludeLicense = Annotated[
    str | None,
    typer.Option(
        "--exclude-license",
        help="Leave out recordings whose licence has a condition, such as nc,nd; the same as "
        "merge.exclude_licenses=[nc,nd].",
    ),
]
Folds = Annotated[
    list[int] | None,
    typer.Option(
        "--fold",
        help="Fit the target in this fold only; repeatable. The evaluation uses the folds that are "
        "there, and says which are missing.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print what each stage said as JSON.")]


def run(
    recipe: RecipeName,
    overrides: Overrides = None,
    out: Out = None,
    fold: Folds = None,
    exclude_license: ExcludeLicense = None,
    as_json: Json = False,
) -> None:
    """Run a recipe from catalogs to report; go on where an earlier run of it stopped."""
    asked = with_licenses(overrides, exclude_license)
    folder, rows = run_stages(recipe, asked, out, None, fold)
    print_stages(rows, as_json)
    build_page(folder, quiet=as_json)


def fit(
    recipe: RecipeName,
    overrides: Overrides = None,
    out: Out = None,
    stage: Annotated[
        str,
        typer.Option(help="pretrain, finetune, baseline or naive; finetune/fold-1 for one fold."),
    ] = "finetune",
    exclude_license: ExcludeLicense = None,
    as_json: Json = False,
) -> None:
    """Fit a stage of a recipe, and whatever it stands on."""
    asked = with_licenses(overrides, exclude_license)
    print_stages(run_stages(recipe, asked, out, [stage])[1], as_json)


def bundle(
    recipe: RecipeName,
    overrides: Overrides = None,
    out: Out = None,
    exclude_license: ExcludeLicense = None,
    as_json: Json = False,
) -> None:
    """Export a recipe's run as bundles, and verify them."""
    asked = with_licenses(overrides, exclude_license)
    print_stages(run_stages(recipe, asked, out, ["bundle"])[1], as_json)


def with_licenses(overrides: list[str] | None, exclude: str | None) -> list[str]:
    """Add what `--exclude-license` asks for to the overrides.

    Example:
        >>> with_licenses(["seed=1"], "nc,nd")
        ['seed=1', 'merge.exclude_licenses=[nc,nd]']
    """
    asked = [] if exclude is None else [f"merge.exclude_licenses=[{exclude}]"]
    return [*(overrides or []), *asked]


def run_stages(
    name: str,
    overrides: list[str],
    out: Path | None,
    stages: list[str] | None,
    folds: list[int] | None = None,
) -> tuple[Path, list[dict[str, Any]]]:
    """Load a recipe and bring its stages up to date; gives the run folder and a row a stage."""
    from oscine import pipeline

    recipe: Recipe = pipeline.load_recipe(name, overrides)
    set_up_logging(recipe.verbose)
    folder = out or Path("runs") / recipe.name
    return folder, pipeline.run(recipe, folder, stages, folds=folds)


def build_page(folder: Path, quiet: bool = False) -> None:
    """Build the report of a run and say where it is; tell W&B the results if the recipe asks."""
    from oscine.report import build_report, tell_results

    page = build_report(folder)
    tell_results(folder)
    if not quiet:
        print_metrics(folder)
        plain_console().print(f"report: {page}", soft_wrap=True)


def print_stages(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print how each stage ended."""
    if as_json:
        plain_console().print_json(data=rows)
        return
    table = Table("stage", "status", "seconds", "facts", box=None, header_style="bold")
    for row in rows:
        told = {key: value for key, value in row.get("facts", {}).items() if value != {}}
        if "best_epoch" in told:
            told["best_epoch"] += 1  # people count from one, artifacts from zero
        facts = ", ".join(f"{key} {_short(value)}" for key, value in told.items())
        table.add_row(row["stage"], row["status"], str(row.get("seconds", "")), facts)
    plain_console().print(table)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={_short(item)}" for key, item in value.items())
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def print_metrics(folder: Path) -> None:
    """Print the out-of-fold metrics side by side: pretrained or not, and naive folds if asked."""
    from oscine.core import read_json

    path = folder / "evaluate" / "metrics.json"
    if not path.exists():
        return
    metrics = read_json(path)
    titles = {"finetune": "fine-tuned", "baseline": "without pretraining"}
    _print_pair(metrics, {name: titles[name] for name in titles if name in metrics})
    _print_folds(metrics, titles | {"naive": "naive folds"})
    if "naive" in metrics:
        from oscine.report import Run
        from oscine.report.sections.scores import naive_verdict

        _print_pair(metrics, {"naive": "naive folds", "finetune": "grouped folds"})
        plain_console().print(naive_verdict(metrics, Run(folder).level))


def _print_pair(metrics: dict[str, Any], titles: dict[str, str]) -> None:
    """Print one fit's metrics, or those of two fits and their difference."""
    difference = metrics.get("difference", {}).get("-".join(titles))
    heads = [*titles.values(), *(["difference"] if difference else [])]
    table = Table("out-of-fold metric", *heads, box=None, header_style="bold")
    for name in metrics["finetune"]["pooled"] if "finetune" in metrics else []:
        cells = [metric_cell(metrics[stage]["pooled"][name]) for stage in titles]
        cells += [metric_cell(difference[name], sign=True)] if difference else []
        table.add_row(name, *cells)
    plain_console().print(table)


def _print_folds(metrics: dict[str, Any], titles: dict[str, str]) -> None:
    """Print how each fit's metrics differ between folds, and which folds are not there."""
    shown = {stage: title for stage, title in titles.items() if stage in metrics}
    if any(len(metrics[stage].get("folds", ())) > 1 for stage in shown):
        table = Table("mean ± spread over folds", *shown.values(), box=None, header_style="bold")
        for name in metrics[next(iter(shown))]["mean"]:
            table.add_row(name, *(_over_folds(metrics[stage], name) for stage in shown))
        plain_console().print(table)
    for stage, title in shown.items():
        if missing := metrics[stage].get("missing_folds"):
            numbers = ", ".join(map(str, missing))
            plain_console().print(f"{title}: missing from this evaluation: fold {numbers}")


def _over_folds(metrics: dict[str, Any], name: str) -> str:
    mean, spread, n = (metrics[key][name] for key in ("mean", "spread", "n_folds"))
    if mean is None:
        return "undefined"
    return f"{mean:.3f} ± {spread:.3f} ({n})" if spread is not None else f"{mean:.3f} ({n})"


def metric_cell(value: dict[str, float | None] | None, sign: bool = False) -> str:
    """Write a metric with its interval, a difference with its sign."""
    if value is None:
        return "undefined"
    form = "+z.3f" if sign else "z.3f"
    text = format(value["value"], form)
    if value["low"] is None or value["high"] is None:
        return text
    return f"{text} ({format(value['low'], form)} to {format(value['high'], form)})"
