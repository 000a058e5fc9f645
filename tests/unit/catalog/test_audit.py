"""Audited files, judged."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog import (
    FINDINGS,
    SPEECH,
    AuditConfig,
    check,
    conform,
    judge,
    judge_speech,
    quarantine,
    spoken,
)
from oscine.catalog.tables import AUDIT
from unit.catalog.factories import audited, found, recordings

ONE = recordings([{}])


def reasons(config: AuditConfig | None = None, **columns: object) -> list[tuple[str, bool]]:
    findings = judge(audited(ONE, **columns), config or AuditConfig(), 10.0, 16_000.0)
    check(findings, FINDINGS)
    return list(findings.select("reason", "quarantined").iter_rows())


@pytest.mark.parametrize(
    ("columns", "reason", "quarantined"),
    [
        ({"duration_s": 0.0, "promised_s": 0.0, "peak": 0.0}, "empty", True),
        ({"peak": 0.0}, "silent", True),
        ({"peak": 0.0009}, "silent", True),
        ({"n_non_finite": 3}, "non_finite", True),
        ({"promised_s": 30.0}, "truncated", True),
        ({"duration_s": 9.9, "promised_s": 9.9}, "short", False),
        ({"sample_rate": 22_050}, "low_sample_rate", False),
        ({"clipped_fraction": 0.0011}, "clipped", False),
        ({"dc_offset": -0.03}, "dc_offset", False),
    ],
)
def test_each_defect_is_found(columns: dict[str, object], reason: str, quarantined: bool) -> None:
    assert reasons(**columns) == [(reason, quarantined)]


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"peak": 0.0011},
        {"promised_s": 20.9},
        {"promised_s": None},
        {"clipped_fraction": 0.001},
        {"sample_rate": 32_000, "duration_s": 10.0, "promised_s": 10.0},
        {"dc_offset": float("nan"), "clipped_fraction": float("nan")},
    ],
)
def test_sound_files_have_no_findings(columns: dict[str, object]) -> None:
    assert reasons(**columns) == []


@pytest.mark.parametrize("reason", ["missing", "unreadable", "truncated", "empty"])
def test_what_the_decoder_said_is_a_finding(reason: str) -> None:
    undecoded = conform(
        ONE.with_columns(reason=pl.lit(reason), detail=pl.lit("no such file")), AUDIT
    )
    findings = judge(undecoded, AuditConfig(), 10.0, 16_000.0)
    assert findings.select("reason", "quarantined", "detail").row(0) == (
        reason,
        True,
        "no such file",
    )
    assert len(findings) == 1


def test_a_file_that_is_kept_out_has_no_warnings_besides() -> None:
    assert reasons(duration_s=0.0, promised_s=0.0, sample_rate=8000) == [("empty", True)]


def test_a_file_can_have_several_warnings() -> None:
    assert reasons(duration_s=1.0, promised_s=1.0, sample_rate=8000) == [
        ("short", False),
        ("low_sample_rate", False),
    ]


def test_the_decoders_word_is_not_repeated() -> None:
    twice = reasons(reason="truncated", detail="ends early", promised_s=90.0)
    assert twice == [("truncated", True)]


def test_a_warning_can_be_made_to_keep_a_recording_out() -> None:
    config = AuditConfig(also_quarantine=("clipped",))
    both = reasons(config, clipped_fraction=0.5, duration_s=1.0, promised_s=1.0)
    assert both == [("short", False), ("clipped", True)]


def test_recordings_leave_under_the_first_finding_that_keeps_them_out() -> None:
    table = recordings([{}, {}, {}])
    findings = pl.concat(
        [
            found(table.head(2), "short", quarantined=False),
            found(table.head(1), "silent"),
            found(table.head(1), "truncated"),
        ]
    )
    outcome = quarantine(table, findings)
    assert outcome.kept.equals(table.tail(2))
    assert outcome.departures.select("step", "reason", "detail").rows() == [
        ("audit", "silent", "why")
    ]


def heard(*spans: tuple[float, float], filepath: str | None = None) -> pl.DataFrame:
    """Speech in a file: the first recording's, unless told."""
    rows = [(filepath or ONE["filepath"][0], *span, 0.9) for span in spans]
    schema = {"filepath": pl.String} | dict.fromkeys(("start_s", "end_s", "score"), pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("spans", "detail"),
    [
        ([(0.32, 2.24)], "1.9 s of 60.0 s: at 0.3-2.2 s"),
        ([(50.0, 58.0), (1.0, 3.0)], "10.0 s of 60.0 s: at 1.0-3.0, 50.0-58.0 s"),
        (
            [(n, n + 0.5) for n in range(5)],
            "2.5 s of 60.0 s: at 0.0-0.5, 1.0-1.5, 2.0-2.5 s and 2 more",
        ),
    ],
)
def test_speech_is_a_warning_that_says_how_much_and_where(spans, detail: str) -> None:
    table = ONE.with_columns(duration_s=pl.lit(60.0))
    findings = judge_speech(table, spoken(table, heard(*spans)))
    check(findings, FINDINGS)
    told = findings.select("recording_id", "reason", "quarantined", "detail").rows()
    assert told == [(ONE["recording_id"][0], "human_speech", False, detail)]


def test_recordings_without_speech_have_no_finding() -> None:
    assert judge_speech(ONE, spoken(ONE, heard())).is_empty()
    assert spoken(ONE, heard((1.0, 2.0), filepath="/data/other.ogg")).is_empty()


def test_of_a_file_s_speech_a_clip_has_what_lies_in_it() -> None:
    file = {"filepath": "/data/a.ogg", "duration_s": 60.0}
    clips = recordings(
        [
            file | {"start_s": 0.0, "end_s": 5.0},
            file | {"start_s": 5.0, "end_s": 10.0},
            file | {"start_s": 10.0, "end_s": 15.0},
            file,
        ]
    )
    speech = spoken(clips, heard((4.0, 7.0), filepath="/data/a.ogg"))
    check(speech, SPEECH)
    assert speech.select("recording_id", "start_s", "end_s").rows() == [
        (clips["recording_id"][0], 4.0, 5.0),
        (clips["recording_id"][1], 5.0, 7.0),
        (clips["recording_id"][3], 4.0, 7.0),
    ]
    details = judge_speech(clips, speech)["detail"].to_list()
    assert [detail.partition(":")[0] for detail in details] == [
        "1.0 s of 5.0 s",
        "2.0 s of 5.0 s",
        "3.0 s of 60.0 s",
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"speech": True, "enabled": False}, "nothing is listened to"),
        ({"also_quarantine": ("human_speech",)}, "only ever a warning"),
    ],
)
def test_settings_of_speech_that_would_do_nothing_are_refused(settings, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AuditConfig(**settings)
