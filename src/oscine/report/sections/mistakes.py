"""Sections on what goes wrong: trade-offs and calibration, confused pairs, worst clips."""

from __future__ import annotations

from functools import partial

import polars as pl

from oscine.evaluate import precision_recall, reliability
from oscine.report.blocks import Plot, Section, counted
from oscine.report.clips import worst_clips
from oscine.report.figures.curves import draw_curves
from oscine.report.figures.scores import draw_confusions
from oscine.report.out_of_fold import read_scores
from oscine.report.run import STAGES, Run
from oscine.report.sections.scores import NOT_EVALUATED, ON_TARGET

PAIRS_SHOWN = 12
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
    """Show the clips that the model got most wrong."""
    title = "The worst clips"
    stage = next((s for s in ON_TARGET if read_scores(run, s) is not None), "")
    if not stage:
        return Section("worst", title, absent=NO_SCORES)
    clips = worst_clips(run, stage)
    if not clips:
        return Section("worst", title, ["Every out-of-fold clip was recognised."])
    text = [
        "The out-of-fold clips whose highest wrong score exceeds the right one most: some are "
        "hard, some are mislabelled. Each by another recording."
    ]
    return Section("worst", title, text, clips)
