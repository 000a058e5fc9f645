"""What decoding told about each file, judged: findings, and what they keep out.

Decoding is the audio floor's work; here is a pure function of its table. Reasons in
`oscine.core.QUARANTINE` keep a recording out of training; the others are warnings.
"""

from __future__ import annotations

import polars as pl
from pydantic import Field, model_validator

from oscine.catalog.departures import Outcome, depart, gather
from oscine.catalog.measured import heard_s
from oscine.catalog.tables import FINDINGS, RECORDINGS, SPEECH, conform
from oscine.config import Config, Place, Probability
from oscine.core import QUARANTINE, Reason

STRETCHES_TOLD = 3
"""Stretches of speech that a finding names; the table has all."""


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
    speech: bool = False
    """Whether people who talk are listened for; needs the file that silero-vad ships."""
    speech_score: Probability = 0.5
    """Where the speech model scores this much or more, someone talks."""
    speech_s: float = Field(0.5, gt=0.0)
    """Talk that is shorter than this, pauses not counted, is not told of, s: birds can sound so."""
    speech_model: Place | None = None
    """ONNX file of another speech model of that kind; null: that of the installed silero-vad."""

    @model_validator(mode="after")
    def _speech_is_a_warning_of_an_audit(self) -> AuditConfig:
        if self.speech and not self.enabled:
            raise ValueError("speech: with enabled: false nothing is listened to")
        if Reason.HUMAN_SPEECH in self.also_quarantine:
            raise ValueError(
                "also_quarantine: human_speech is only ever a warning; give the recordings to "
                "merge.corrupt_files to leave them out"
            )
        return self


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


def spoken(recordings: pl.DataFrame, heard: pl.DataFrame) -> pl.DataFrame:
    """Tell in which recordings the speech of files lies.

    Args:
        recordings: Recordings; of a clip, what lies in it.
        heard: A row a stretch of a file: filepath, start_s, end_s, score.

    Returns:
        One row a recording and stretch (SPEECH), by recording_id and time.
    """
    bounds = recordings.select("recording_id", "filepath", clip_start="start_s", clip_end="end_s")
    within = bounds.join(heard, on="filepath").with_columns(
        start_s=pl.max_horizontal("start_s", "clip_start"),
        end_s=pl.min_horizontal("end_s", "clip_end"),
    )
    table = within.filter(pl.col("start_s") < pl.col("end_s"))
    return conform(table.sort("recording_id", "start_s"), SPEECH)


def judge_speech(recordings: pl.DataFrame, speech: pl.DataFrame) -> pl.DataFrame:
    """Warn of recordings in which a person talks.

    Args:
        recordings: Recordings, with what the audit measured.
        speech: As `spoken` gives it (SPEECH).

    Returns:
        One row a recording with speech (FINDINGS), by recording_id.
    """
    span = pl.format("{}-{}", pl.col("start_s").round(1), pl.col("end_s").round(1))
    told = speech.group_by("recording_id", "filepath").agg(
        total_s=(pl.col("end_s") - pl.col("start_s")).sum(),
        spans=span.head(STRETCHES_TOLD).str.join(", "),
        more=pl.len().cast(pl.Int64) - STRETCHES_TOLD,
    )
    told = told.join(recordings.select("recording_id", heard_s()), on="recording_id")
    where = pl.format(
        "{} s of {} s: at {} s",
        pl.col("total_s").round(1),
        pl.col("heard_s").round(1),
        "spans",
    )
    rest = pl.when(pl.col("more") > 0).then(pl.format(" and {} more", "more")).otherwise(pl.lit(""))
    findings = told.with_columns(
        reason=pl.lit(Reason.HUMAN_SPEECH.value),
        quarantined=pl.lit(False),
        detail=pl.concat_str(where, rest),
    )
    return conform(findings.sort("recording_id"), FINDINGS)


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
