"""Section on the long tail: recordings of each class, before and after each step."""

from __future__ import annotations

from functools import partial

import numpy as np

from oscine.catalog import counts_by_class
from oscine.report.blocks import Block, Cell, Plot, Section, Table, number
from oscine.report.class_steps import ClassStep, class_steps
from oscine.report.figures.classes import draw_class_steps
from oscine.report.run import PARTS, Run

RESAMPLED = ("upsample", "downsample", "draw")


def classes(run: Run) -> Section:
    """Show how rows spread over classes after each step."""
    title = "How recordings spread over classes"
    parts = {part: steps for part in PARTS if (steps := class_steps(run, part))}
    if not parts:
        return Section("classes", title, absent="There is no recordings table in this run.")
    drawn = {part: _telling(steps) for part, steps in parts.items()}
    rows = [_row(part, step) for part, steps in parts.items() for step in steps]
    blocks: list[Block] = [
        Plot(
            "classes",
            "Rows of each class on a log scale, from the most common class to the rarest, after "
            "each step that changed any; upsampling repeats rows, downsampling leaves some out.",
            partial(draw_class_steps, drawn),
        ),
        Table(
            "Rows a class after each step",
            ["step", "classes", "rows", "fewest", "median", "most"],
            rows,
        ),
    ]
    text = [_imbalance(part, steps) for part, steps in parts.items()]
    return Section("classes", title, text, blocks)


def _telling(steps: list[ClassStep]) -> list[ClassStep]:
    """Leave out the steps that changed nothing."""
    kept = steps[:1]
    for step in steps[1:]:
        if not np.array_equal(step.counts, kept[-1].counts):
            kept.append(step)
    return kept


def _row(part: str, step: ClassStep) -> list[str | Cell]:
    counts = step.counts
    numbers = (len(counts), counts.sum(), counts.min(), np.median(counts), counts.max())
    return [Cell(step.title, PARTS[part]), *(number(int(value)) for value in numbers)]


def _imbalance(part: str, steps: list[ClassStep]) -> str:
    """Say how uneven the classes are as read, and in the end."""
    first, last = (step.counts.max() / step.counts.min() for step in (steps[0], steps[-1]))
    end = "as training draws them" if steps[-1].kind in RESAMPLED else steps[-1].title
    return (
        f"{PARTS[part]}, rows of the commonest class to one of the rarest: {first:,.0f} as read, "
        f"{last:,.0f} {end}."
    )


def class_table(run: Run) -> Section:
    """List every class with its recordings and recordists."""
    title = "Every class"
    found = {part: table for part in PARTS if (table := run.recordings(part)) is not None}
    names = run.names()
    blocks = [
        Table(
            f"{PARTS[part]}: recordings, recordists, and rows of other classes that hear it too",
            ["species", "recordings", "recordists", "in the background"],
            [
                [
                    Cell(
                        names.get(row["primary_label"], row["primary_label"]), row["primary_label"]
                    ),
                    *(number(row[key]) for key in ("recordings", "recordists", "secondary")),
                ]
                for row in counts_by_class(table).iter_rows(named=True)
            ],
            folded=True,
        )
        for part, table in found.items()
        if table.height
    ]
    if not blocks:
        return Section("every-class", title, absent="There is no recordings table in this run.")
    return Section("every-class", title, blocks=blocks)
