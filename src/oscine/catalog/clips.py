"""Clips: passages of recordings that people marked, as rows of the recordings table.

A clip has one label. What else calls during it is known, since the file's other clips say so: their
labels become its secondary labels.
"""

from __future__ import annotations

import logging

import polars as pl

from oscine.catalog.departures import Outcome, depart
from oscine.catalog.layout import ARCHIVE_ID, place
from oscine.catalog.reading import SourceConfig
from oscine.catalog.tables import FINDINGS, conform
from oscine.core import QUARANTINE, Location, Reason, SourceError

log = logging.getLogger("oscine")

SLIVER_S = 0.01
"""A clip of which its file holds no more than this lies beyond the file's end, s."""

ROUNDING_S = 0.1
"""How far a clip may end beyond its file's end unnoticed, s: decoders and annotators round."""


def place_clips(
    rows: pl.DataFrame, config: SourceConfig, root: Location, collection: str | None = None
) -> pl.DataFrame:
    """Make recordings of annotated passages.

    Args:
        rows: One an annotation: `relative` (the path of the file below `root`), `start_s`, `end_s`,
            `primary_label`, any further columns of ours with their types, and `table` and `line`,
            where the annotation stands.
        config: The catalog.
        root: Folder of the audio.
        collection: Short name of the collection; null: the catalog's name.

    Returns:
        The recordings table, by file and time. An annotation that is there twice (in two views, two
        channels, two tables) is one row; one without label is none, and is warned of.

    Raises:
        SourceError: No annotation is left, or the audio is required and not there.
    """
    labelled = _labelled(rows, config.name)
    if labelled.is_empty():
        raise SourceError("no annotation has a label", where=config.path)
    bounds = ["relative", "start_s", "end_s", "primary_label"]
    rounded = labelled.with_columns(pl.col("start_s", "end_s").round(6))
    clips = rounded.unique(bounds, keep="first", maintain_order=True).sort(bounds)
    if len(clips) < len(labelled):
        log.info("%s: %d annotations are there twice", config.name, len(labelled) - len(clips))
    clips = clips.with_columns(xc_id=archive_or_own_id(config.name))
    return hear_overlapping(place(clips, config, root, collection))


def _labelled(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Leave out the annotations that nobody named."""
    nameless = rows.filter(pl.col("primary_label").is_null())
    if len(nameless):
        log.warning(
            "CATALOG %s: %d of %d annotations have no label, left out; the first in %s, line %d",
            name,
            len(nameless),
            len(rows),
            *nameless.select("table", "line").row(0),
        )
    return rows.filter(pl.col("primary_label").is_not_null())


def archive_or_own_id(name: str) -> pl.Expr:
    """Make the id of a recording from `relative`: its archive's where it is one, else its path.

    Args:
        name: Name of the catalog, which begins an id that is a path.
    """
    relative = pl.col("relative")
    stem = relative.str.split("/").list.last().str.replace(r"\.[^.]*$", "")
    own_id = pl.lit(f"{name}/") + relative.str.replace(r"\.[^./]*$", "")
    return pl.coalesce(stem.str.extract(rf"^({ARCHIVE_ID})(?: - .*)?$"), own_id)


def hear_overlapping(
    recordings: pl.DataFrame, start: pl.Expr | None = None, end: pl.Expr | None = None
) -> pl.DataFrame:
    """Add to each clip's secondary labels those of the clips of its file that overlap a stretch.

    Args:
        recordings: Recordings; whole ones neither gain a label nor give one.
        start: Where a clip's stretch starts, s; None: where the clip does.
        end: Where it ends, s; None: where the clip does.

    Returns:
        The same rows in the same order.
    """
    is_clip = pl.col("start_s").is_not_null() | pl.col("end_s").is_not_null()
    first, last = pl.col("start_s").fill_null(0.0), pl.col("end_s").fill_null(float("inf"))
    clips = recordings.filter(is_clip)
    if clips.is_empty():
        return recordings
    calls = clips.select(
        "filepath", voice="primary_label", time=first, reaches=last, is_call=pl.lit(True)
    )
    stretches = clips.select(
        "recording_id",
        "filepath",
        own="primary_label",
        since=first if start is None else start,
        time=last if end is None else end,
        is_call=pl.lit(False),
    )
    voices = (
        _latest(calls, stretches)
        .filter((pl.col("reaches") > pl.col("since")) & (pl.col("voice") != pl.col("own")))
        .group_by("recording_id")
        .agg(__voices=pl.col("voice").sort())
    )
    joined = recordings.join(voices, on="recording_id", how="left", maintain_order="left")
    heard = pl.concat_list("secondary_labels", "__voices").list.unique(maintain_order=True)
    return joined.with_columns(secondary_labels=pl.coalesce(heard, "secondary_labels")).drop(
        "__voices"
    )


def hear_around(recordings: pl.DataFrame, window_s: float) -> pl.DataFrame:
    """Add to the secondary labels of short clips what calls near enough to get into their windows.

    A window that holds the whole of a clip, and is longer, reaches up to its length before the
    clip's end and behind its start.

    Args:
        recordings: Recordings of one part.
        window_s: Length of the window, s.

    Returns:
        The same rows in the same order; whole recordings and longer clips are as they were.
    """
    start, end = pl.col("start_s").fill_null(0.0), pl.col("end_s").fill_null(float("inf"))
    is_short = end - start < window_s
    return hear_overlapping(
        recordings,
        pl.when(is_short).then(end - window_s).otherwise(start),
        pl.when(is_short).then(start + window_s).otherwise(end),
    )


def _latest(calls: pl.DataFrame, stretches: pl.DataFrame) -> pl.DataFrame:
    """Say, for each stretch and label of its file, how far the calls before its end reach.

    One pass over all of them in the order of time, so that a file of a hundred thousand clips costs
    no more than a hundred thousand files; a call that starts as a stretch ends is not before it.
    """
    asked = stretches.join(calls.select("filepath", "voice").unique(), on="filepath")
    events = pl.concat([calls, asked], how="diagonal").sort("time", "is_call")
    reaches = pl.col("reaches").fill_null(float("-inf")).cum_max().over("filepath", "voice")
    return events.with_columns(reaches=reaches).filter(~pl.col("is_call"))


def drop_empty_clips(recordings: pl.DataFrame) -> Outcome:
    """Take out the clips without length: points, and those that end before they start.

    Args:
        recordings: Recordings.

    Returns:
        What stays, and what left with Reason.EMPTY_CLIP.
    """
    length_s = pl.col("end_s") - pl.col("start_s").fill_null(0.0)
    detail = pl.format("from {} s to {} s", pl.col("start_s").fill_null(0.0), "end_s")
    return depart(recordings, length_s <= 0.0, Reason.EMPTY_CLIP, detail)


def judge_clips(recordings: pl.DataFrame, audit: pl.DataFrame, shortest_s: float) -> pl.DataFrame:
    """Find the clips that do not lie within their files, or are too short.

    Args:
        recordings: Recordings; whole ones are in order here.
        audit: Their audit (AUDIT); clips of a file that could not be decoded are judged with it.
        shortest_s: Length below which a clip is warned of, s.

    Returns:
        One row a defect (FINDINGS), by recording_id.
    """
    facts = audit.filter(pl.col("reason").is_null() & (pl.col("duration_s") > 0.0))
    start = pl.col("start_s").fill_null(0.0)
    clips = (
        recordings.filter(pl.col("start_s").is_not_null() | pl.col("end_s").is_not_null())
        .select("recording_id", "filepath", "start_s", "end_s")
        .join(facts.select("recording_id", "duration_s"), on="recording_id")
        .with_columns(start_s=start, end_s=pl.col("end_s").fill_null(pl.col("duration_s")))
        .sort("recording_id")
    )
    length_s = pl.min_horizontal("end_s", "duration_s") - start
    beyond = length_s <= SLIVER_S
    bounds = pl.format(
        "from {} s to {} s of {} s", "start_s", "end_s", pl.col("duration_s").round(3)
    )
    defects = {
        Reason.CLIP_BEYOND_END: beyond,
        Reason.CLIP_CUT: ~beyond & (pl.col("end_s") > pl.col("duration_s") + ROUNDING_S),
        Reason.SHORT: ~beyond & (length_s < shortest_s),
    }
    found = [
        clips.filter(holds).with_columns(
            reason=pl.lit(reason.value), quarantined=pl.lit(reason in QUARANTINE), detail=bounds
        )
        for reason, holds in defects.items()
    ]
    return conform(pl.concat(found).sort("recording_id", maintain_order=True), FINDINGS)
