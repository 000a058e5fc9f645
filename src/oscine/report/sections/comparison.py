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
from oscine.report.comparison import Comparison, verdict
from oscine.report.contenders import Contender
from oscine.report.figures.comparison import draw_curves, draw_differences, draw_moves
from oscine.report.run import STAGES
from oscine.report.sections.names import METRIC_NAMES

MOVES_SHOWN = 30
FOLDED = 12
"""Settings above which their table opens only when asked."""
SENTENCES = {
    "better": "{name} is better than {first} by {change} cmAP ({span}).",
    "worse": "{name} is worse than {first} by {change} cmAP ({span}).",
    "not told apart": "{name} and {first} cannot be told apart: cmAP changes by {change}, and the "
    "{span} does not exclude no change.",
    "too few groups": "{name} changes cmAP by {change} from {first}; there are too few groups of "
    "clips for an interval.",
    "undefined": "cmAP is not defined on the clips that {name} and {first} share.",
}


def metrics_of(comparison: Comparison) -> dict[str, str]:
    """Give the metrics that say something, with the names that readers see."""
    fewest = min(len(both.codes) for both in comparison.shared.values())
    return {
        key: name
        for key, name in METRIC_NAMES.items()
        if any(found.get(key) for found in comparison.values.values())
        and not (key == "top_5_accuracy" and fewest <= 5)
    }


def sentence(comparison: Comparison, other: str) -> str:
    """Say what became of cmAP from the first run to another, and only what the interval allows."""
    found = comparison.differences[other].get("cmap")
    span = change = ""
    if found is not None:
        change = signed(found.value)
        bounds = f"{signed(found.low)} to {signed(found.high)}"
        span = f"{_percent(comparison.difference_level)} interval {bounds}"
    return SENTENCES[verdict(found)].format(
        name=other, first=comparison.first.name, change=change, span=span
    )


def result(comparison: Comparison) -> Section:
    """Show the metrics of each run, and each one's differences from the first."""
    names = metrics_of(comparison)
    values = [
        [shown, *(_cell(comparison.values[one.name].get(key)) for one in comparison.contenders)]
        for key, shown in names.items()
    ]
    differences = [
        [shown, *(_change(found.get(key)) for found in comparison.differences.values())]
        for key, shown in names.items()
    ]
    level = _percent(comparison.difference_level)
    text = [sentence(comparison, other.name) for other in comparison.others]
    if len(comparison.others) > 1:
        text.append(
            f"{len(comparison.others)} runs are held against one, so each difference has a {level} "
            "interval: then all of one metric hold together at 95 %."
        )
    n = {counted(len(both.truth), "clip") for both in comparison.shared.values()}
    return Section(
        "result",
        "Result",
        text,
        [
            Table(
                f"Differences from {comparison.first.name} on the {', '.join(sorted(n))} that both "
                f"scored, with {level} intervals from the same draws of whole groups",
                ["metric", *comparison.differences],
                differences,
            ),
            Plot(
                "differences",
                f"Differences from {comparison.first.name}; a line that does not touch 0 is one "
                "that can be told.",
                partial(draw_differences, comparison.differences, names),
            ),
            Table(
                "Each run on all of its own clips, with 95 % intervals",
                ["metric", *comparison.values],
                values,
            ),
        ],
    )


def changed(comparison: Comparison) -> Section:
    """Show what the runs do not share: settings, seeds, code, folds."""
    contenders = comparison.contenders
    facts = [
        ["model", *(STAGES[one.stage] for one in contenders)],
        ["commit", *(_commit(one) for one in contenders)],
        ["clips scored", *(counted(one.scored.table.height, "clip") for one in contenders)],
        ["classes", *(f"{len(one.scored.codes):,}" for one in contenders)],
        ["folds", *(_folds(comparison.first, one) for one in contenders)],
    ]
    columns = ["", *(one.name for one in contenders)]
    settings = comparison.settings
    same = [] if settings else ["The recipes say the same."]
    blocks: list[Block] = [Table("What was compared", columns, facts, len(columns))]
    if settings:
        heads = ["setting", *columns[1:]]
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
                ["species", "clips", *pair, "change"],
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
    """Show how the first run's metric went over the epochs in each run."""
    title = "Learning"
    fits = {one.name: _fits(one) for one in comparison.contenders}
    monitors = [found[0]["monitor"] for found in fits.values() if found]
    histories = []
    for one in comparison.contenders:
        rows = one.run.histories()
        if rows.height and monitors and monitors[0] in rows.columns:
            own = rows.filter(stage=one.stage).drop_nulls(monitors[0])
            if own.height:
                histories.append((one.name, own))
    if not histories:
        return Section("learning", title, absent="No run has a history.")
    metric = monitors[0]
    shown = METRIC_NAMES.get(metric, metric)
    plot = Plot(
        "curves",
        f"{shown} on the validation part; thin lines are folds, thick ones their mean.",
        partial(draw_curves, histories, metric, shown),
    )
    return Section("learning", title, blocks=[plot])


def cost(comparison: Comparison) -> Section:
    """Show what each run took."""
    rows = []
    for one in comparison.contenders:
        fits = _fits(one)
        speed = [fit["clips_per_second"] for fit in fits if fit.get("clips_per_second")]
        rows.append(
            [
                one.name,
                str(fits[0].get("device", DASH)) if fits else DASH,
                f"{fits[0]['n_parameters']:,}" if fits else DASH,
                duration(sum(fit["seconds"] for fit in fits)) if fits else DASH,
                number(sum(speed) / len(speed), 1) if speed else DASH,
            ]
        )
    columns = ["run", "device", "parameters", "fitting", "clips per second"]
    return Section("cost", "Cost", blocks=[Table("Fits of the compared model", columns, rows, 2)])


def _fits(one: Contender) -> list[dict[str, Any]]:
    return [fit for fit in one.run.fits() if fit["stage"] == one.stage]


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
    git = one.run.facts.get("git") or {}
    commit = str(git.get("commit", ""))[:10] or DASH
    return f"{commit}, changed" if git.get("dirty") else commit


def _folds(first: Contender, other: Contender) -> str:
    own, theirs = (one.run.table("folds/target.parquet") for one in (first, other))
    if own is None or theirs is None:
        return DASH
    both = own.join(theirs, on="recording_id", how="inner", suffix="_other")
    same = both.filter(pl.col("fold") == pl.col("fold_other")).height
    if first is other:
        return f"{own['fold'].n_unique()}"
    return "the same" if same == both.height else f"others: {same:,} of {both.height:,} clips stay"


def _percent(level: float) -> str:
    return f"{100 * level:.3g} %"
