"""Sections on what was found: defects, label conflicts, and what they look like."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl

from oscine.core import Reason
from oscine.report.blocks import Block, Cell, Picture, Plot, Section, Table, counted
from oscine.report.figures.data import draw_bars
from oscine.report.figures.style import ORANGE, RED
from oscine.report.run import PARTS, Run
from oscine.report.thumbnails import LONGEST_S, thumbnail

FINDINGS_SHOWN = 20
CONFLICTS_SHOWN = 50
PICTURED_EACH = 6
"""Pictures of one reason at most."""
PICTURED_TWINS = 12
"""Pictures of label conflicts at most: they are looked at together."""
SWITCHED_OFF = (
    "The audit was switched off: no file was decoded, so that defects and twins by content stay "
    "unseen."
)


def findings(run: Run) -> Section:
    """Count what the audit found, and list the first of it."""
    table = run.table("audit/findings.parquet")
    title = "Findings of the audit"
    if table is None:
        return Section("findings", title, absent="The audit did not run.")
    audited = (run.recipe.get("audit") or {}).get("enabled", True)
    if table.is_empty():
        nothing = "Every file was decoded and nothing was found wrong."
        return Section("findings", title, [nothing if audited else SWITCHED_OFF])
    counts = {
        kind: dict(
            table.filter(pl.col("quarantined") == out)
            .group_by("reason")
            .len()
            .sort("len", "reason", descending=[True, False])
            .with_columns(pl.col("reason").str.replace_all("_", " "))
            .iter_rows()
        )
        for kind, out in (("quarantined", True), ("warning", False))
    }
    shown = {kind: found for kind, found in counts.items() if found}
    n_out = table.filter("quarantined")["recording_id"].n_unique()
    n_files = table["recording_id"].n_unique()
    blocks: list[Block] = [
        Plot(
            "findings",
            "Findings by reason. Quarantined recordings are kept out; warnings stay in.",
            partial(draw_bars, shown, {"quarantined": RED, "warning": ORANGE}, "findings"),
        ),
        _findings_table(table),
    ]
    text = [f"{counted(n_files, 'recording')} with findings; {n_out:,} of them kept out."]
    return Section("findings", title, [*text, *([] if audited else [SWITCHED_OFF])], blocks)


def _findings_table(table: pl.DataFrame) -> Table:
    shown = table.sort("quarantined", "reason", "recording_id", descending=[True, False, False])
    rows = [
        [row["recording_id"], _plain(row["reason"]), row["detail"]]
        for row in shown.head(FINDINGS_SHOWN).iter_rows(named=True)
    ]
    caption = f"The first {len(rows)} of {counted(table.height, 'finding')}"
    return Table(caption, ["recording", "reason", "what was measured"], rows, 3, folded=True)


def conflicts(run: Run) -> Section:
    """List the recordings that stand under several labels."""
    title = "Label conflicts"
    table = _conflicts(run)
    if table is None:
        return Section("conflicts", title, absent="No catalog was read in this run.")
    if table.is_empty():
        return Section("conflicts", title, ["No recording stands under several labels."])
    groups = table.group_by("twins", maintain_order=True).agg("recording_id", "primary_label")
    names = run.names()
    rows = [
        [
            Cell(", ".join(names.get(label, label) for label in dict.fromkeys(labels))),
            Cell(ids[0], ", ".join(ids[1:])),
        ]
        for _, ids, labels in groups.head(CONFLICTS_SHOWN).iter_rows()
    ]
    first = f"The first {len(rows)} of " if groups.height > len(rows) else ""
    caption = f"{first}{counted(groups.height, 'recording')} under several labels"
    text = [
        f"{counted(groups.height, 'recording stands', 'recordings stand')} under several labels. "
        "All rows stay, and folds keep them together: which label is right is for people to say."
    ]
    return Section("conflicts", title, text, [Table(caption, ["labels", "recordings"], rows, 2)])


def _conflicts(run: Run) -> pl.DataFrame | None:
    """Give the rows of label conflicts with what twins share, twins side by side."""
    found = run.table("audit/findings.parquet")
    found = run.table("catalog/conflicts.parquet") if found is None else found
    recordings = run.all_recordings()
    if found is None or recordings is None:
        return None
    conflicts = found.filter(pl.col("reason") == Reason.LABEL_CONFLICT.value)
    facts = recordings.select("recording_id", "xc_id", "primary_label", "start_s", "end_s")
    clusters = run.table("audit/clusters.parquet")
    if clusters is None:
        clusters = pl.DataFrame(schema={"recording_id": pl.String, "cluster": pl.String})
    joined = conflicts.unique("recording_id", maintain_order=True).join(
        facts, on="recording_id", how="inner", maintain_order="left"
    )
    joined = joined.join(clusters, on="recording_id", how="left", maintain_order="left")
    return joined.with_columns(twins=pl.coalesce("cluster", "xc_id")).sort("twins", "recording_id")


def pictured(run: Run) -> Section:
    """Show spectrograms of what was found."""
    title = "Findings, seen"
    rows = _to_picture(run)
    if rows is None:
        return Section("pictured", title, absent="The audit did not run.")
    if rows.is_empty():
        return Section("pictured", title, ["There is nothing to look at."])
    cells: list[list[str | Cell | Picture]] = []
    for row in rows.iter_rows(named=True):
        address = thumbnail(Path(row["filepath"]), row["start_s"] or 0.0, row["end_s"])
        seen = Picture(address, f"Spectrogram of {row['recording_id']}")
        said = Cell(_plain(row["reason"]), row["detail"])
        cells.append([seen if address else "not readable", row["recording_id"], said])
    if not any(isinstance(row[0], Picture) for row in cells):
        nothing = "None of the recordings with findings could be read when this was made."
        return Section("pictured", title, [nothing])
    caption = (
        f"Up to {PICTURED_EACH} recordings of each reason ({PICTURED_TWINS} of label conflicts): "
        f"the first {LONGEST_S:g} s, up to 16 kHz"
    )
    return Section(
        "pictured",
        title,
        blocks=[Table(caption, ["spectrogram", "recording", "finding"], cells, 3)],
    )


def _to_picture(run: Run) -> pl.DataFrame | None:
    """Choose recordings of each reason: what is kept out first, then twins, then warnings."""
    found, audit = run.table("audit/findings.parquet"), run.table("audit/audit.parquet")
    if found is None or audit is None:
        return None
    twins = _conflicts(run)
    paths = audit.select("recording_id", "filepath")
    departed = run.table("audit/departures.parquet")
    tables = [found.filter("quarantined").with_columns(order=pl.lit(0))]
    if departed is not None:
        same = departed.filter(pl.col("reason").str.starts_with("duplicate"))
        tables.append(same.join(paths, on="recording_id").with_columns(order=pl.lit(1)))
    if twins is not None:
        tables.append(twins.with_columns(order=pl.lit(2)))
    conflict = pl.col("reason") == Reason.LABEL_CONFLICT.value
    tables.append(found.filter(~pl.col("quarantined") & ~conflict).with_columns(order=pl.lit(3)))
    columns = ["recording_id", "filepath", "reason", "detail", "order"]
    bounds = _bounds(run)
    rows = pl.concat([table.select(columns) for table in tables])
    place = pl.int_range(pl.len()).over("reason")
    shown = rows.filter(place < pl.when(conflict).then(PICTURED_TWINS).otherwise(PICTURED_EACH))
    ordered = shown.sort("order", pl.col("reason").rank("dense"), maintain_order=True)
    return ordered.join(bounds, on="recording_id", how="left", maintain_order="left")


def _bounds(run: Run) -> pl.DataFrame:
    """Tell which passage of its file each recording is, also of those that the audit took out."""
    tables = [run.table(f"catalog/{part}.parquet") for part in PARTS]
    columns = {"recording_id": pl.String, "start_s": pl.Float64, "end_s": pl.Float64}
    found = [table.select(*columns) for table in tables if table is not None]
    return pl.concat([pl.DataFrame(schema=columns), *found])


def _plain(code: str) -> str:
    return code.replace("_", " ")
