"""`oscine plan`: what a run would do, how long it would take, and what it would leave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from oscine.cli.run import Out, Overrides, RecipeName
from oscine.cli.terminal import plain_console, set_up_logging

if TYPE_CHECKING:
    from oscine.pipeline.forecast import RunForecast
    from oscine.pipeline.forecast.expectation import Expectation
    from oscine.pipeline.forecast.times import Estimate

ORIGINS = {
    "folds": "as the stage folds left them",
    "audit": "as the audit left them; folds made for this forecast",
    "catalog": "as the merge left them, not audited: some will leave",
    "tables": "from the catalogs' tables, not audited: some will leave",
}
"""What the rows were counted from, by the last stage that is up to date."""


def plan(
    recipe: RecipeName,
    overrides: Overrides = None,
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the forecast as JSON.")] = False,
) -> None:
    """Foretell a run: stages, rows, steps, time, sizes; from half a minute of measurement."""
    from oscine.pipeline import load_recipe
    from oscine.pipeline.folder import RunFolder
    from oscine.pipeline.forecast import forecast_run

    resolved = load_recipe(recipe, overrides or [])
    set_up_logging(verbose=False)
    folder = RunFolder(out or Path("runs") / resolved.name, resolved)
    forecast = forecast_run(resolved, folder)
    if as_json:
        plain_console().print_json(data=forecast.to_plain())
    else:
        print_forecast(forecast)


def print_forecast(forecast: RunForecast) -> None:
    """Print a forecast as tables and sentences."""
    console = plain_console()
    console.print(f"run folder: {forecast.folder} (not changed)", soft_wrap=True)
    console.print(_stages(forecast))
    console.print(_total(forecast), soft_wrap=True)
    console.print()
    console.print(_fits(forecast))
    for line in [*_recordings(forecast.expected), *_means(forecast), *forecast.advice]:
        console.print(line, soft_wrap=True)


def _stages(forecast: RunForecast) -> Table:
    table = Table("stage", "status", box=None, header_style="bold")
    for column in table.columns:
        column.no_wrap = True
    for name in ("time", "between", "on disk"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for stage in forecast.stages:
        runs = stage.status != "up to date"
        time, bounds = _time(stage.time) if runs else ("", "")
        size = "" if stage.n_bytes is None else size_text(stage.n_bytes)
        table.add_row(stage.name, stage.status, time, bounds, size if runs else "", stage.why)
    return table


def _time(time: Estimate | None) -> tuple[str, str]:
    if time is None:
        return "unknown", ""
    return span_text(time.seconds), f"{span_text(time.low)} - {span_text(time.high)}"


def _total(forecast: RunForecast) -> str:
    time, bounds = _time(forecast.total)
    unknown = f", and {', '.join(forecast.unknown)}: unknown" if forecast.unknown else ""
    return f"in all: {time} ({bounds}){unknown}; then the report"


def _fits(forecast: RunForecast) -> Table:
    table = Table("fit", box=None, header_style="bold")
    table.columns[0].no_wrap = True
    for name in ("classes", "rows", "clips/epoch", "steps/epoch", "epochs", "validated"):
        table.add_column(name, justify="right", no_wrap=True)
    for fit in forecast.fits:
        counts = (fit.n_classes, fit.n_training, fit.n_clips, fit.n_batches, fit.epochs)
        table.add_row(fit.name, *map(str, counts), str(fit.n_validation))
    return table


def _recordings(expected: Expectation) -> list[str]:
    told = [f"rows: {ORIGINS[expected.origin]}"]
    for part, table in expected.parts.items():
        lengths = expected.lengths[part]
        if not len(table):
            continue
        line = f"{part}: {len(table)} recordings in {lengths.n_files} files"
        if not lengths.known:
            told.append(f"{line}; their length is unknown until the audit")
            continue
        hours = table.unique("filepath")["duration_s"].sum() / 3600
        line += f", {hours:.3g} h"
        if lengths.relative_error:
            line += f" +- {200 * lengths.relative_error:.0f} % (headers of {lengths.n_read} files)"
        if lengths.n_missing:
            line += f"; {lengths.n_missing} of {lengths.n_looked_at} files looked for are missing"
        told.append(line)
    return told


def _means(forecast: RunForecast) -> list[str]:
    trial = forecast.trial
    told = []
    for stage, steps in trial.steps.items():
        told.append(
            f"{stage}: {steps.n_devices} x {steps.device}, {steps.n_parameters / 1e6:.1f} million "
            f"parameters, {steps.step_s:.3g} s a step (timed epochs differ by {steps.spread:.0%})"
        )
    if trial.peak_bytes:
        told.append(f"peak memory of the measurement: {size_text(trial.peak_bytes)}")
    told.append(f"measured in {trial.seconds:.0f} s on this machine, as busy as it is now")
    return told


def span_text(seconds: float) -> str:
    """Write a span of time with two figures or so.

    Example:
        >>> [span_text(s) for s in (0.4, 42.3, 400, 5400, 200_000)]
        ['0.4 s', '42 s', '6.7 min', '1.5 h', '2.3 d']
    """
    for unit, length in (("d", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.4 * length:
            return f"{seconds / length:.2g} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def size_text(n_bytes: float) -> str:
    """Write a size in GB or MB (1e9 or 1e6 bytes).

    Example:
        >>> size_text(2.5e9), size_text(3.2e7)
        ('2.50 GB', '32 MB')
    """
    return f"{n_bytes / 1e9:.2f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
