"""When species were heard: a scan's detections by date and hour, beside the hours that were heard.

Detections alone say how long a recorder was on. So each is divided by the recordings' length in the
same hour or date, and an hour without a recording is nothing rather than zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import available_timezones

import polars as pl

from oscine.audio.clock import recorded_at
from oscine.core import ScanError, atomic_path, location
from oscine.infer.result import DETECTIONS_FILE, SCORES_FILE
from oscine.report.blocks import Plot
from oscine.report.figures.activity import draw_activity
from oscine.report.figures.style import WIDE_IN, render
from oscine.report.run import readable_name

DRAWN = 6
"""Species in the figure, the most often detected ones, unless others are asked for."""


@dataclass(frozen=True)
class Activity:
    """A scan's detections and its effort, by date and hour.

    Args:
        counts: species_code, name, date, hour, detections; one row for each that has any.
        effort: date, hour, recorded_h: the hours of recordings that were heard.
        untimed: Recordings that neither name nor comment dates; they are left out.
    """

    counts: pl.DataFrame
    effort: pl.DataFrame
    untimed: tuple[str, ...]

    def by(self, unit: str) -> pl.DataFrame:
        """Sum up by `date` or by `hour` of the day.

        Returns:
            One row for each species that was detected and each unit in which anything was recorded,
            with species_code, name, the unit, detections, recorded_h and per_hour.
        """
        species = self.counts.select("species_code", "name").unique(maintain_order=True)
        heard = self.effort.group_by(unit).agg(pl.col("recorded_h").sum())
        found = self.counts.group_by("species_code", unit).agg(pl.col("detections").sum())
        return (
            species.join(heard, how="cross")
            .join(found, on=["species_code", unit], how="left")
            .with_columns(pl.col("detections").fill_null(0))
            .with_columns(per_hour=pl.col("detections") / pl.col("recorded_h"))
            .select("species_code", "name", unit, "detections", "recorded_h", "per_hour")
            .sort("name", unit)
        )

    def species(self) -> pl.DataFrame:
        """List species_code, name, detections, the dates with any, and the hour of most an hour."""
        ranked = self.by("hour").sort("per_hour", "hour", descending=[True, False])
        peak = ranked.group_by("species_code", maintain_order=True).agg(pl.col("hour").first())
        counted = self.counts.group_by("species_code", "name", maintain_order=True).agg(
            pl.col("detections").sum(), pl.col("date").n_unique().alias("dates")
        )
        joined = counted.join(peak, on="species_code")
        return joined.sort("detections", "name", descending=[True, False])


def read_activity(scan: Path, time_zone: str | None = None) -> Activity:
    """Read a scan's activity from its tables.

    Args:
        scan: The scan's folder.
        time_zone: Zone that times are brought to, such as Asia/Kolkata, from clocks that were set
            to UTC; None: times are as the clocks told them.

    Raises:
        ScanError: It is no scan, no recording is dated, or there is no such zone.
    """
    if not (scan / SCORES_FILE).is_file():
        raise ScanError(f"a folder without {SCORES_FILE} is no scan", where=scan)
    if time_zone is not None and time_zone not in available_timezones():
        raise ScanError(f"no time zone {time_zone!r}", fix="name one such as Europe/London")
    windows = pl.scan_parquet(scan / SCORES_FILE)
    recordings = windows.group_by("filepath").agg(pl.col("end_s").max()).sort("filepath").collect()
    began = [recorded_at(location(path)) for path in recordings["filepath"]]
    dated = recordings.with_columns(pl.Series("began", began, dtype=pl.Datetime("ms")))
    if dated["began"].is_null().all():
        raise ScanError(
            "neither name nor comment says when a recording was made",
            where=recordings["filepath"][0] if len(recordings) else scan,
            fix="name recordings like SITE_20240501_043000.wav",
        )
    untimed = dated.filter(pl.col("began").is_null())["filepath"].to_list()
    if time_zone is not None:
        dated = dated.with_columns(pl.col("began").dt.convert_time_zone(time_zone))
    dated = dated.drop_nulls("began")
    # Times are made of the recordings', so that a table of an older scan serves too.
    found = pl.read_parquet(scan / DETECTIONS_FILE).join(dated.drop("end_s"), on="filepath")
    heard = found.with_columns(readable_name(), at=_after("start_s"))
    counts = heard.group_by("species_code", "name", *_units()).agg(detections=pl.len())
    return Activity(counts.sort("name", "date", "hour"), _effort(dated), tuple(untimed))


def write_activity(activity: Activity, folder: Path, species: Sequence[str] = ()) -> list[Path]:
    """Write `by_date.csv`, `by_hour.csv` and `activity.svg`.

    Args:
        activity: What is written.
        folder: Where to.
        species: Codes of the species that are drawn, in order; none: those detected most.

    Returns:
        The files; without any detection there is no figure.

    Raises:
        ScanError: A species was not detected.
    """
    known = activity.species()["species_code"].to_list()
    if missing := [code for code in species if code not in known]:
        raise ScanError(f"no detection of {missing[0]!r}", fix=f"detected: {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "by_date.csv", folder / "by_hour.csv"]
    for path, unit in zip(written, ("date", "hour"), strict=True):
        with atomic_path(path) as partial_path:
            activity.by(unit).write_csv(partial_path, float_precision=4)
    if drawn := list(species) or known[:DRAWN]:
        plot = Plot("activity", "", partial(draw_activity, activity.counts, activity.effort, drawn))
        written.append(folder / "activity.svg")
        with atomic_path(written[-1]) as partial_path:
            partial_path.write_text(render(plot, WIDE_IN), encoding="utf-8")
    return written


def _effort(recordings: pl.DataFrame) -> pl.DataFrame:
    """Share the length of recordings out to the hours of the day that they lie in."""
    end = pl.min_horizontal("end", pl.col("at").dt.offset_by("1h"))
    length = end - pl.max_horizontal("began", "at")
    return (
        recordings.with_columns(end=_after("end_s"))
        .with_columns(at=pl.datetime_ranges(pl.col("began").dt.truncate("1h"), "end", "1h"))
        .explode("at")
        .with_columns(recorded_h=(length.dt.total_milliseconds() / 3_600_000).round(9))
        .filter(pl.col("recorded_h") > 0)
        .group_by(*_units())
        .agg(pl.col("recorded_h").sum())
        .sort("date", "hour")
    )


def _after(column: str) -> pl.Expr:
    """Give the moment that lies so many seconds after the recording began."""
    milliseconds = (pl.col(column) * 1000).cast(pl.Int64)
    return pl.col("began") + pl.duration(milliseconds=milliseconds, time_unit="ms")


def _units() -> tuple[pl.Expr, pl.Expr]:
    at = pl.col("at")
    return at.dt.date().alias("date"), at.dt.hour().cast(pl.Int64).alias("hour")
