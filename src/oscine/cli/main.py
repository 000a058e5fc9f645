"""The `oscine` command: one command = read the recipe, call one function, print."""

from __future__ import annotations

import typer

from oscine.cli import (
    activity,
    augment,
    calibrate,
    catalog,
    compare,
    demo,
    doctor,
    download,
    evaluate,
    kaggle,
    plan,
    recipe,
    report,
    run,
    scan,
    serve,
    synth,
)
from oscine.cli.terminal import print_error, set_up_logging
from oscine.core import MissingExtraError, OscineError

app = typer.Typer(
    name="oscine",
    help="From field recordings to a bird-sound recogniser.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command()(run.run)
app.command()(plan.plan)
app.command()(doctor.doctor)
app.command()(demo.demo)
app.add_typer(recipe.app, name="recipe")
app.add_typer(catalog.app, name="catalog")
app.add_typer(download.app, name="download")
app.add_typer(augment.app, name="augment")
app.command()(run.fit)
app.command()(evaluate.evaluate)
app.command()(calibrate.calibrate)
app.command()(run.bundle)
app.command()(scan.scan)
app.command()(activity.activity)
app.command()(report.report)
app.command()(compare.compare)
app.command()(serve.serve)
app.add_typer(kaggle.app, name="kaggle")
app.command()(synth.synth)

TRAINING_PACKAGES = {
    "torch",
    "timm",
    "lightning",
    "sklearn",
    "matplotlib",
    "jinja2",
    "great_tables",
    "onnx",
}
"""What the extra `train` brings; the light install lacks them."""


def main() -> None:
    """Run the command line; an `OscineError` becomes one message and exit status 2."""
    set_up_logging()
    try:
        app()
    except OscineError as error:
        print_error(error)
        raise SystemExit(2) from None
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in TRAINING_PACKAGES:
            raise
        print_error(MissingExtraError("train", error.name))
        raise SystemExit(2) from None
