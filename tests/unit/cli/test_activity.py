from __future__ import annotations

from unit.report.test_activity import CARD, put_scan


def test_the_command_sums_up_and_says_where_tables_and_figure_are(oscine, tmp_path):
    scan = put_scan(tmp_path / "scan", {"card/dawn.wav": 60.0, **CARD})
    said = oscine("activity", scan)
    assert said.status == 0
    first, *lines = said.out.splitlines()
    assert first == "2.5 hours recorded on 3 dates, 2024-05-01 to 2024-05-03"
    assert lines[1].split() == ["Eurasian", "Wren", "4", "2", "04:00"]
    assert "1 recordings, such as card/dawn.wav" in said.out
    assert lines[-1] == str(scan / "activity" / "activity.svg")


def test_zone_species_and_folder_are_taken(oscine, tmp_path):
    scan = put_scan(tmp_path / "scan")
    out = tmp_path / "out"
    said = oscine("activity", scan, "--out", out, "--time-zone", "Asia/Kolkata", "--species", "owl")
    assert said.status == 0
    assert "10:00" in said.out
    assert "Tawny Owl" in (out / "activity.svg").read_text(encoding="utf-8")


def test_a_folder_that_is_no_scan_is_refused(oscine, tmp_path):
    assert oscine("activity", tmp_path).status == 2
