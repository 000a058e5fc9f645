"""Sections on what goes wrong: trade-offs and calibration, confused pairs, worst and best clips."""

from __future__ import annotations

from functools import partial

import polars as pl

from oscine.evaluate import precision_recall, reliability
from oscine.report.blocks import Plot, Section, counted
from oscine.report.examples import example_clips
from oscine.report.figures.curves import draw_curves
from oscine.report.figures.scores import draw_confusions
from oscine.report.out_of_fold import read_scores
from oscine.report.run import STAGES, Run
from oscine.report.sections.scores import NOT_EVALUATED, ON_TARGET

PAIRS_SHOWN = 12
NOT_KEPT = "No clips were kept of this run; oscine run keeps them."
LOOKED_AT = (
    "Where the picture is warm is what spoke for a species (Grad-CAM of the window that the model "
    "was surest of, as coarse as its last feature map)."
)
NO_SCORES = "There are no out-of-fold scores in this run."


def curves(run: Run) -> Section:
    """Show the trade of precision for recall, and whether scores keep their word."""
    title = "Precision, recall and reliability"
    found = {stage: read_scores(run, stage) for stage in ON_TARGET}
    both = {
        stage: (
            precision_recall(rows.targets(), rows.scores),
            reliability(rows.targets(), rows.scores),
        )
        for stage, rows in found.items()
        if rows is not None
    }
    if not both:
        return Section("curves", title, absent=NO_SCORES)
    plot = Plot(
        "curves",
        "First: precision against recall of all out-of-fold decisions pooled. Second: how often "
        "decisions of a score are right; on the dashed line a score is a probability.",
        partial(draw_curves, both),
    )
    return Section("curves", title, blocks=[plot])


def confusions(run: Run) -> Section:
    """Show which classes are taken for which."""
    title = "Most confused pairs"
    table = run.table("evaluate/confusions.parquet")
    if table is None or "stage" not in table.columns:
        return Section("confusions", title, absent=NOT_EVALUATED)
    stage = next((s for s in ON_TARGET if s in set(table["stage"])), "")
    wrong = table.filter(
        (pl.col("stage") == stage) & (pl.col("species_code") != pl.col("predicted"))
    ).sort("n", "species_code", "predicted", descending=[True, False, False])
    if wrong.is_empty():
        return Section("confusions", title, ["No clip was taken for another class."])
    names = run.names()
    pairs = [
        (_name(names, row["species_code"]), _name(names, row["predicted"]), int(row["n"]))
        for row in wrong.head(PAIRS_SHOWN).iter_rows(named=True)
    ]
    plot = Plot(
        "confusions",
        f"Truth → highest score, {STAGES[stage].lower()}; the {len(pairs)} most frequent of "
        f"{counted(wrong.height, 'confused pair')}.",
        partial(draw_confusions, pairs),
    )
    return Section("confusions", title, blocks=[plot])


def _name(names: dict[str, str], code: str) -> str:
    return names.get(code, code)


def worst(run: Run) -> Section:
    """Show the clips that the model got most wrong, and what it looked at."""
    text = (
        "The out-of-fold clips whose highest wrong score exceeds the right one most: some are "
        f"hard, some are mislabelled. Each is of another recording. {LOOKED_AT} Above for what "
        "the clip was taken for, below for its label, on one scale."
    )
    return _examples(run, "worst", "The worst clips", text, "Every clip was recognised.")


def best(run: Run) -> Section:
    """Show the clips that the model was surest of, and what it looked at."""
    text = (
        f"The out-of-fold clips whose right score exceeds the others most, of each class one. "
        f"{LOOKED_AT} A model that looks elsewhere than at the call has learned something else."
    )
    return _examples(run, "best", "The best clips", text, "No clip was recognised.")


def _examples(run: Run, kind: str, title: str, text: str, none: str) -> Section:
    clips = example_clips(run, kind)
    if clips is None:
        return Section(kind, title, absent=NOT_KEPT)
    if (run.recipe.get("evaluation") or {}).get(f"{kind}_clips") == 0:
        return Section(kind, title, absent=f"The recipe asks for none: evaluation.{kind}_clips.")
    return Section(kind, title, [text] if clips else [none], clips)
