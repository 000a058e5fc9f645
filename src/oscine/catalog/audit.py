"""What decoding told about each file, judged: findings, and what they keep out.

Decoding is the audio floor's work; here is a pure function of its table. Reasons in
`oscine.core.QUARANTINE` keep a recording out of training; the others are warnings.
"""

from __future__ import annotations

import polars as pl
from pydantic import Field

from oscine.catalog.departures import Outcome, depart, gather
from oscine.catalog.tables import FINDINGS, RECORDINGS, conform
from oscine.config import Config, Probability
from oscine.core import QUARANTINE, Reason


class AuditConfig(Config):
    """When a file is defective."""

    enabled: bool = True
    """Whether every file is decoded before training."""
    silence_dbfs: float = Field(-60.0, lt=0.0)
    """A file whose peak stays below this is silent, dB of full scale."""
    clipped_fraction: Probability = 0.001
    """A file with a greater share at full scale is clipped."""
    dc_offset: float = Field(0.02, gt=0.0, le=1.0)
    """A file whose mean is further from zero has an offset, full scale is 1."""
    truncated_fraction: Probability = 0.05
    """A file that lacks more than this share of the duration its header promises is truncated."""
    truncated_s: float = Field(0.5, ge=0.0)
    """It must lack more than this too, s: headers of mp3 files are estimates."""
    shared_audio: bool = True
    """Whether recordings that share audio are looked for: copies in another format, and cuts."""
    match_score: Probability = 0.3
    """Two recordings share audio where their waveforms correlate by this much at least."""
    also_quarantine: tuple[Reason, ...] = ()
    """Reasons that are warnings otherwise, such as clipped, and here keep a recording out."""


def judge(
    audit: pl.DataFrame, config: AuditConfig, window_s: float, f_max_hz: float
) -> pl.DataFrame:
    """Find the defects of audited files.

    Args:
        audit: What decoding told (AUDIT).
        config: When a file is defective.
        window_s: Length of the window, s; shorter files are warned of.
        f_max_hz: Highest frequency of the spectrogram, Hz; a sample rate below twice that is
            warned of.

    Returns:
        One row a defect (FINDINGS), by recording_id. A file that is kept out for what it is has
        no warnings besides.

    Raises:
        CatalogError: The table lacks a column.
    """
    audit = audit.with_columns(
        pl.col("peak", "rms_dbfs", "dc_offset", "clipped_fraction").fill_nan(None)
    )
    defects = pl.concat([*_defects(audit, config), *_warnings(audit, window_s, f_max_hz, config)])
    defects = defects.unique(["recording_id", "reason"], keep="first", maintain_order=True)
    fatal = pl.col("reason").is_in([reason.value for reason in QUARANTINE])
    asked = pl.col("reason").is_in([reason.value for reason in config.also_quarantine])
    judged = defects.with_columns(quarantined=fatal | asked)
    moot = ~fatal & fatal.any().over("recording_id")
    return conform(judged.filter(~moot).sort("recording_id", maintain_order=True), FINDINGS)


def _defects(audit: pl.DataFrame, config: AuditConfig) -> list[pl.DataFrame]:
    floor = 10.0 ** (config.silence_dbfs / 20.0)
    lacking = pl.col("promised_s") - pl.col("duration_s")
    allowed = pl.max_horizontal(
        pl.lit(config.truncated_s), config.truncated_fraction * pl.col("promised_s")
    )
    # A shortfall that the decoder stated is a defect only above the recipe's allowance.
    slight = (pl.col("reason") == Reason.TRUNCATED.value) & lacking.is_between(0, allowed, "right")
    decoded = pl.col("reason").is_null() | slight.fill_null(False)
    stated = audit.filter(~decoded).select(
        "recording_id", "filepath", "reason", detail=pl.col("detail").fill_null("cannot be decoded")
    )
    return [
        stated,
        _found(
            audit,
            Reason.EMPTY,
            decoded & (pl.col("duration_s") == 0.0),
            pl.lit("no audio"),
        ),
        _found(
            audit,
            Reason.NON_FINITE,
            pl.col("n_non_finite") > 0,
            pl.format("{} values", "n_non_finite"),
        ),
        _found(
            audit,
            Reason.TRUNCATED,
            decoded & (lacking > allowed),
            pl.format("{} s of {} s", pl.col("duration_s").round(2), pl.col("promised_s").round(2)),
        ),
        _found(
            audit,
            Reason.SILENT,
            decoded & (pl.col("duration_s") > 0.0) & (pl.col("peak") < floor),
            pl.format("peak {}", pl.col("peak").round(6)),
        ),
    ]


def _warnings(
    audit: pl.DataFrame, window_s: float, f_max_hz: float, config: AuditConfig
) -> list[pl.DataFrame]:
    return [
        _found(
            audit,
            Reason.SHORT,
            pl.col("duration_s") < window_s,
            pl.format("{} s", pl.col("duration_s").round(2)),
        ),
        _found(
            audit,
            Reason.LOW_SAMPLE_RATE,
            pl.col("sample_rate") < 2.0 * f_max_hz,
            pl.format("{} Hz", "sample_rate"),
        ),
        _found(
            audit,
            Reason.CLIPPED,
            pl.col("clipped_fraction") > config.clipped_fraction,
            pl.format("{} of it", pl.col("clipped_fraction").round(4)),
        ),
        _found(
            audit,
            Reason.DC_OFFSET,
            pl.col("dc_offset").abs() > config.dc_offset,
            pl.format("mean {}", pl.col("dc_offset").round(4)),
        ),
    ]


def _found(audit: pl.DataFrame, reason: Reason, holds: pl.Expr, detail: pl.Expr) -> pl.DataFrame:
    return audit.filter(holds).select(
        "recording_id", "filepath", reason=pl.lit(reason.value), detail=detail
    )


def quarantine(recordings: pl.DataFrame, findings: pl.DataFrame) -> Outcome:
    """Take out the recordings that a finding keeps out.

    Args:
        recordings: Recordings.
        findings: As `judge` gives them.

    Returns:
        What stays, and what left; each under the reason of its first finding that keeps it out.
    """
    fatal = findings.filter("quarantined").unique("recording_id", keep="first", maintain_order=True)
    fatal = fatal.select("recording_id", __reason="reason", __detail="detail")
    table = recordings.join(fatal, on="recording_id", how="left", maintain_order="left")
    departures = []
    for reason in table["__reason"].drop_nulls().unique().sort().to_list():
        outcome = depart(table, pl.col("__reason") == reason, Reason(reason), pl.col("__detail"))
        departures.append(outcome.departures)
    kept = conform(table.filter(pl.col("__reason").is_null()), RECORDINGS)
    return Outcome(kept, gather(*departures).with_columns(step=pl.lit("audit")))
