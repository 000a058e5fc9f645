"""Sections of a comparison: what it says, what differs, classes, learning, cost."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from oscine.evaluate import Interval
from oscine.report.blocks import (
    DASH,
    Block,
    Cell,
    Plot,
    Section,
    Table,
    counted,
    duration,
    number,
    signed,
)
from oscine.report.comparison import Comparison, spread, verdict
from oscine.report.contenders import Contender, Member
from oscine.report.figures.comparison import draw_curves, draw_differences, draw_moves
from oscine.report.run import STAGES
from oscine.report.sections.names import METRIC_NAMES
from oscine.report.sections.verdicts import metrics_of, notes, percent, seeds_of, sentence

MOVES_SHOWN = 30
FOLDED = 12
"""Settings above which their table opens only when asked."""


def result(comparison: Comparison) -> Section:
    """Show the metrics of each contender, and each one's differences from the first."""
    names = metrics_of(comparison)
    values = [
        [shown, *(_cell(comparison.values[one.name].get(key)) for one in comparison.contenders)]
        for key, shown in names.items()
    ]
    differences = [
        [shown, *(_change(found.get(key)) for found in comparison.differences.values())]
        for key, shown in names.items()
    ]
    level = percent(comparison.difference_level)
    n = {counted(both.n_clips, "clip") for both in comparison.shared.values()}
    blocks: list[Block] = [
        Table(
            f"Differences from {comparison.first.name} on the {', '.join(sorted(n))} that both "
            f"scored, with {level} intervals from the same draws of whole groups",
            ["metric", *map(_head, comparison.others)],
            differences,
        ),
        Plot(
            "differences",
            f"Differences from {comparison.first.name}; a line that does not touch 0 is one "
            "that can be told.",
            partial(draw_differences, comparison.differences, names),
        ),
        Table(
            "Each on all of its own clips, with 95 % intervals",
            ["metric", *map(_head, comparison.contenders)],
            values,
        ),
    ]
    if any(len(one.members) > 1 for one in comparison.contenders):
        blocks.append(_seed_table(comparison, names))
    text = [sentence(comparison, other.name) for other in comparison.others]
    return Section("result", "Result", [*text, *notes(comparison)], blocks)


def _seed_table(comparison: Comparison, names: dict[str, str]) -> Table:
    rows = []
    for key, shown in names.items():
        cells: list[str | Cell] = [shown]
        for one in comparison.contenders:
            values = [found[key] for found in comparison.by_seed[one.name]]
            deviation = spread(values)
            each = ", ".join(number(value) for value in values)
            cells.append(each if deviation is None else Cell(f"± {number(deviation)}", each))
        rows.append(cells)
    heads: list[str | Cell] = ["metric", *map(_head, comparison.contenders)]
    return Table("Standard deviation over seeds, and each seed", heads, rows, folded=True)


def changed(comparison: Comparison) -> Section:
    """Show what the contenders do not share: settings, seeds, code, clips, classes, folds."""
    contenders = comparison.contenders
    facts = [
        ["model", *(STAGES[one.stage] for one in contenders)],
        ["seeds", *(seeds_of(one) for one in contenders)],
        ["commit", *(_commit(one) for one in contenders)],
        ["clips scored", *(counted(len(one.recordings), "clip") for one in contenders)],
        ["classes", *(f"{len(one.codes):,}" for one in contenders)],
        ["folds", *(_folds(comparison, one) for one in contenders)],
    ]
    columns: list[str | Cell] = ["", *(Cell(one.name) for one in contenders)]
    settings = comparison.settings
    same = [] if settings else ["The recipes say the same."]
    blocks: list[Block] = [Table("What was compared", columns, facts, len(columns))]
    if settings:
        heads: list[str | Cell] = ["setting", *columns[1:]]
        caption = f"{counted(len(settings), 'setting')} that differ"
        blocks.append(Table(caption, heads, settings, len(columns), folded=len(settings) > FOLDED))
    return Section("differs", "What differs", same, blocks)


def classes(comparison: Comparison) -> Section:
    """Show which classes gained and lost."""
    blocks: list[Block] = []
    for place, other in enumerate(comparison.others):
        rows = comparison.by_class[other.name]
        moved = rows.filter(pl.col("change") != 0)
        if moved.is_empty():
            continue
        half = MOVES_SHOWN // 2
        shown = moved
        if moved.height > MOVES_SHOWN:
            shown = pl.concat([moved.head(half), moved.tail(half)])
        names = other.run.names()
        pair = (comparison.first.name, other.name)
        up = moved.filter(pl.col("change") > 0).height
        blocks += [
            Plot(
                f"classes-{place + 1}",
                f"{other.name}: {counted(up, 'class', 'classes')} up, {moved.height - up} down, "
                f"{rows.height - moved.height} unchanged; n is the clips. One class has few clips, "
                "so a single line says little.",
                partial(draw_moves, shown, names, pair),
            ),
            Table(
                f"Average precision of every class in {other.name}",
                ["species", "clips", *map(Cell, pair), "change"],
                [
                    [names.get(code, code), number(n), number(a), number(b), signed(change)]
                    for code, n, a, b, change in rows.rows()
                ],
                folded=True,
            ),
        ]
    absent = "" if blocks else "No class changed."
    return Section("classes", "Classes", blocks=blocks, absent=absent)


def learning(comparison: Comparison) -> Section:
    """Show how the first contender's metric went over the epochs in each."""
    title = "Learning"
    monitors = [fit["monitor"] for one in comparison.contenders for fit in _fits(one)]
    histories = []
    for one in comparison.contenders if monitors else []:
        rows = [
            own.with_columns(fit=pl.format("{} {}", pl.lit(place), "fold"))
            for place, member in enumerate(one.members)
            if not (own := _epochs(member, monitors[0])).is_empty()
        ]
        if rows:
            histories.append((one.name, pl.concat(rows, how="diagonal_relaxed")))
    if not histories:
        return Section("learning", title, absent="No run has a history.")
    shown = METRIC_NAMES.get(monitors[0], monitors[0])
    plot = Plot(
        "curves",
        f"{shown} on the validation part; thin lines are fits, thick ones their mean.",
        partial(draw_curves, histories, monitors[0], shown),
    )
    return Section("learning", title, blocks=[plot])


def _epochs(member: Member, metric: str) -> pl.DataFrame:
    rows = member.run.histories()
    if metric not in rows.columns:
        return pl.DataFrame()
    return rows.filter(stage=member.stage).drop_nulls(metric)


def cost(comparison: Comparison) -> Section:
    """Show what each run took."""
    rows = []
    for one in comparison.contenders:
        fits = _fits(one)
        speed = [fit["clips_per_second"] for fit in fits if fit.get("clips_per_second")]
        seconds = sum(fit["seconds"] for fit in fits) / len(one.members)
        rows.append(
            [
                one.name,
                str(fits[0].get("device", DASH)) if fits else DASH,
                f"{fits[0]['n_parameters']:,}" if fits else DASH,
                duration(seconds) if fits else DASH,
                number(sum(speed) / len(speed), 1) if speed else DASH,
            ]
        )
    columns = ["contender", "device", "parameters", "fitting, a run", "clips per second"]
    return Section("cost", "Cost", blocks=[Table("Fits of the compared models", columns, rows, 2)])


def _fits(one: Contender) -> list[dict[str, Any]]:
    return [
        fit for member in one.members for fit in member.run.fits() if fit["stage"] == member.stage
    ]


def _head(one: Contender) -> Cell:
    """Name a contender at the head of a column."""
    return Cell(one.name, f"{len(one.members)} seeds" if len(one.members) > 1 else "")


def _cell(found: Interval | None) -> str | Cell:
    if found is None:
        return DASH
    minor = "" if found.low is None else f"{number(found.low, 2)} to {number(found.high, 2)}"
    return Cell(number(found.value), minor)


def _change(found: Interval | None) -> str | Cell:
    if found is None:
        return DASH
    if found.low is None:
        return Cell(signed(found.value), verdict(found))
    span = f"{signed(found.low, 3)} to {signed(found.high, 3)}"
    return Cell(f"{signed(found.value)} {verdict(found)}", span)


def _commit(one: Contender) -> str:
    found = []
    for member in one.members:
        git = member.run.facts.get("git") or {}
        commit = str(git.get("commit", ""))[:10] or DASH
        found.append(f"{commit}, changed" if git.get("dirty") else commit)
    return "; ".join(dict.fromkeys(found))


def _folds(comparison: Comparison, other: Contender) -> str:
    first = comparison.first
    if other is first:
        own = first.run.table("folds/target.parquet")
        return DASH if own is None else f"{own['fold'].n_unique()}"
    if not comparison.shared[other.name].paired:
        return "of other seeds"
    stay = total = 0
    for pair in zip(first.members, other.members, strict=True):
        own, theirs = (one.run.table("folds/target.parquet") for one in pair)
        if own is None or theirs is None:
            return DASH
        both = own.join(theirs, on="recording_id", how="inner", suffix="_other")
        stay += both.filter(pl.col("fold") == pl.col("fold_other")).height
        total += both.height
    return "the same" if stay == total else f"others: {stay:,} of {total:,} clips stay"
