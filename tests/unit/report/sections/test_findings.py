from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog.tables import AUDIT, DEPARTURES, FINDINGS, conform, empty
from oscine.report import Run
from oscine.report.blocks import Picture, Table
from oscine.report.sections import findings
from unit.report.run_folder import RECIPE, put_table, write_run


def tables(section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def finding(recording_id: str, reason: str, filepath: str = "/no", **more) -> dict:
    row = {"recording_id": recording_id, "filepath": filepath, "reason": reason}
    return row | {"quarantined": False, "detail": "x"} | more


@pytest.fixture
def bare(tmp_path) -> Run:
    return Run(write_run(tmp_path / "run", without=["audio", "fits", "scan", "evaluate"]))


def test_findings_part_quarantine_from_warnings(finished):
    section = findings.findings(finished)
    assert section.text == ["35 recordings with findings; 12 of them kept out."]
    assert len(tables(section)[0].rows) == findings.FINDINGS_SHOWN


def test_an_audit_without_findings_says_so(bare):
    put_table(bare.path / "audit/findings.parquet", empty(FINDINGS))
    assert "nothing was found wrong" in findings.findings(bare).text[0]


def test_an_audit_that_was_switched_off_found_nothing_and_says_why(bare):
    put_table(bare.path / "audit/findings.parquet", empty(FINDINGS))
    off = RECIPE.replace("enabled: true", "enabled: false")
    (bare.path / "recipe.yaml").write_text(off)
    assert findings.findings(Run(bare.path)).text == [findings.SWITCHED_OFF]


def test_reasons_without_rows_are_not_in_the_legend(bare):
    rows = [finding("a", "short")]
    put_table(bare.path / "audit/findings.parquet", conform(pl.DataFrame(rows), FINDINGS))
    assert list(findings.findings(bare).blocks[0].draw.args[0]) == ["warning"]


def test_a_conflict_names_its_labels_and_every_recording(finished):
    section = findings.conflicts(finished)
    assert section.text[0].startswith("1 recording stands under several labels")
    ((labels, ids),) = tables(section)[0].rows
    assert labels.main == "Ashen Reedling, Barred Reedling"
    assert ids.main == "chorus-2032/sp00/XC0"
    assert ids.minor == "chorus-2032/sp01/XC1000"


def test_conflicts_of_the_merge_show_before_the_audit(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["audit", "audio", "fits", "scan"]))
    ids = run.recordings("target")["recording_id"].head(2).to_list()
    rows = [finding(name, "label_conflict") for name in ids]
    put_table(run.path / "catalog/conflicts.parquet", conform(pl.DataFrame(rows), FINDINGS))
    assert len(tables(findings.conflicts(run))[0].rows) == 2


def test_no_conflict_is_said(bare):
    put_table(bare.path / "audit/findings.parquet", empty(FINDINGS))
    assert findings.conflicts(bare).text == ["No recording stands under several labels."]


def test_twins_are_seen_side_by_side(finished):
    rows = tables(findings.pictured(finished))[0].rows
    seen = [row for row in rows if isinstance(row[0], Picture)]
    assert [row[2].main for row in seen] == ["label conflict"] * 2
    assert [row[1] for row in seen] == ["chorus-2032/sp00/XC0", "chorus-2032/sp01/XC1000"]
    assert all(row[0].label == f"Spectrogram of {row[1]}" for row in seen)


def test_what_is_kept_out_stands_first_and_a_reason_has_few_rows(finished):
    rows = tables(findings.pictured(finished))[0].rows
    reasons = [row[2].main for row in rows]
    assert reasons[:6] == ["silent"] * findings.PICTURED_EACH
    assert reasons.count("short") == findings.PICTURED_EACH
    assert reasons.index("unreadable") < reasons.index("label conflict") < reasons.index("short")
    assert rows[0][0] == "not readable"


def test_duplicates_that_left_are_seen_too(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["fits", "scan", "evaluate"]))
    first = run.recordings("target").head(1)
    gone = first.with_columns(
        recording_id=pl.lit("chorus-2032/gone"),
        step=pl.lit("duplicate_bytes"),
        reason=pl.lit("duplicate_bytes"),
        detail=pl.lit("same bytes as another"),
    )
    put_table(run.path / "audit/departures.parquet", conform(gone, DEPARTURES))
    audit = pl.concat([run.table("audit/audit.parquet"), conform(gone.drop("reason"), AUDIT)])
    put_table(run.path / "audit/audit.parquet", audit)
    rows = tables(findings.pictured(run))[0].rows
    assert [row[1] for row in rows if row[2].main == "duplicate bytes"] == ["chorus-2032/gone"]


def test_findings_of_files_that_are_gone_are_named_without_a_table(bare):
    for file in (bare.path.parent / "audio").glob("*"):
        file.unlink()
    assert "could be read" in findings.pictured(bare).text[0]
