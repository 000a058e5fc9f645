"""Sections on the files and what is said of them: durations, rates, ratings, kinds of voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import polars as pl

from oscine.report.blocks import Block, Plot, Section, counted, duration, number
from oscine.report.figures.data import draw_bars
from oscine.report.figures.recordings import draw_durations
from oscine.report.figures.style import PART_COLORS
from oscine.report.run import PARTS, Run
from oscine.report.sections.places import NO_TABLE

TYPES_SHOWN = 15
NOT_AUDITED = "No file was decoded or had a header, so that this is not known."
UNRATED = "unrated"


def durations(run: Run) -> Section:
    """Show how long recordings are."""
    title = "Durations"
    measured = _measured(run)
    if measured is None or measured["duration_s"].null_count() == measured.height:
        return Section("durations", title, absent=NOT_AUDITED)
    stated = measured.filter(pl.col("duration_s") > 0)
    parts = {
        part: values.to_list()
        for part in PARTS
        if len(values := stated.filter(pl.col("part") == part)["duration_s"])
    }
    text = [
        f"{PARTS[part]}: {duration(sum(values))} in {counted(len(values), 'recording')}, median "
        f"{duration(_median(values))}, longest {duration(max(values))}."
        for part, values in parts.items()
    ]
    if unknown := measured.height - stated.height:
        text.append(f"The duration of {counted(unknown, 'recording')} is not known.")
    window_s = (run.recipe.get("audio") or {}).get("window_s")
    line = f" The dashed line is the model's window of {window_s:g} s." if window_s else ""
    blocks: list[Block] = [
        Plot(
            "durations",
            f"Recordings by duration, on a log scale.{line}",
            partial(draw_durations, parts, window_s),
        )
    ]
    return Section("durations", title, text, blocks if parts else [])


def _median(values: Sequence[float]) -> float:
    return float(pl.Series(values).median() or 0.0)  # type: ignore[arg-type]


def rates(run: Run) -> Section:
    """Show native sample rates and channels."""
    title = "Sample rates and channels"
    measured = _measured(run)
    if measured is None or measured["sample_rate"].null_count() == measured.height:
        return Section("sample-rates", title, absent=NOT_AUDITED)
    stated = measured.drop_nulls("sample_rate").sort("sample_rate", descending=True)
    named = stated.with_columns(name=pl.format("{} kHz", _short(pl.col("sample_rate") / 1000)))
    wanted = (run.recipe.get("audio") or {}).get("sample_rate")
    text = [f"All are resampled to {wanted / 1000:g} kHz when they are read."] if wanted else []
    channels = stated.drop_nulls("n_channels")["n_channels"].value_counts(sort=True)
    listed = [
        f"{number(n)} with {counted(channel, 'channel')}" for channel, n in channels.iter_rows()
    ]
    text += [f"Recordings: {', '.join(listed)}."] if listed else []
    plot = _bars("sample-rates", "Recordings by the sample rate of their file.", named)
    return Section("sample-rates", title, text, [plot])


def ratings(run: Run) -> Section:
    """Show the ratings of recordings."""
    title = "Ratings"
    recordings = run.all_recordings()
    if recordings is None:
        return Section("ratings", title, absent=NO_TABLE)
    if recordings["rating"].null_count() == recordings.height:
        return Section("ratings", title, absent="No recording is rated.")
    ordered = recordings.sort("rating", descending=True, nulls_last=True)
    named = ordered.with_columns(name=_short(pl.col("rating")).fill_null(UNRATED))
    plot = _bars("ratings", "Recordings by rating, 5 being the best.", named)
    return Section("ratings", title, blocks=[plot])


def types(run: Run) -> Section:
    """Show which kinds of vocalisation are stated."""
    title = "Kinds of vocalisation"
    recordings = run.all_recordings()
    if recordings is None:
        return Section("types", title, absent=NO_TABLE)
    kind = pl.col("type").str.to_lowercase().str.strip_chars()
    stated = recordings.select("part", "type").explode("type").with_columns(name=kind)
    stated = stated.filter(pl.col("name").str.len_chars() > 0)
    if stated.is_empty():
        return Section("types", title, absent="No recording states a kind of vocalisation.")
    order = stated["name"].value_counts(sort=True).sort("count", "name", descending=[True, False])
    shown = order.head(TYPES_SHOWN).select("name", "count")
    common = shown.join(stated, on="name", maintain_order="left")
    most = f"The {shown.height} commonest of {counted(order.height, 'kind')}; "
    caption = f"{most}a recording may state several."
    return Section("types", title, blocks=[_bars("types", caption, common)])


def _short(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.strip_suffix(".0")


def _measured(run: Run) -> pl.DataFrame | None:
    """Join what the audit measured to the recordings of both parts."""
    recordings, audit = run.all_recordings(), run.table("audit/audit.parquet")
    if recordings is None or audit is None:
        return None
    facts = audit.select("recording_id", "duration_s", "sample_rate", "n_channels")
    return recordings.select("recording_id", "part").join(
        facts, on="recording_id", how="left", maintain_order="left"
    )


def _bars(name: str, caption: str, rows: pl.DataFrame) -> Plot:
    """Count rows by their `name`, in its order, the parts side by side in a bar."""
    names = rows["name"].unique(maintain_order=True).to_list()
    counts: dict[str, Mapping[str, float]] = {}
    for part, title in PARTS.items():
        found = dict(rows.filter(pl.col("part") == part)["name"].value_counts().iter_rows())
        if found:
            counts[title] = {label: found.get(label, 0) for label in names}
    colors = {PARTS[part]: color for part, color in PART_COLORS.items()}
    return Plot(name, caption, partial(draw_bars, counts, colors, "recordings"))
