from __future__ import annotations

from pathlib import Path

import polars as pl

from oscine.infer.writers.raven import selection_table
from synthetic import make_scan


def test_each_recording_has_a_selection_table_that_reads_back(tmp_path: Path) -> None:
    result = make_scan(tmp_path, formats=("raven",))
    found = result.detections()
    tables = {
        path.name: pl.read_csv(path, separator="\t")
        for path in (result.folder / "raven").glob("*.selections.txt")
    }
    assert set(tables) == {f"{name}.selections.txt" for name in found["filename"]}
    table = pl.concat([tables[name] for name in sorted(tables)])
    assert table["Begin Time (s)"].to_list() == found["start_s"].to_list()
    assert table["End Time (s)"].to_list() == found["end_s"].round(6).to_list()
    assert table["Species"].to_list() == found["species_code"].to_list()
    assert set(table["Low Freq (Hz)"]) == {100.0}
    assert set(table["High Freq (Hz)"]) == {4000.0}


def test_selections_are_numbered_from_one(tmp_path: Path) -> None:
    found = make_scan(tmp_path).detections()
    table = selection_table(found, 0.0, 1.0)
    assert table["Selection"].to_list() == list(range(1, len(found) + 1))


def test_a_real_raven_table_has_our_leading_columns(real_data: Path, tmp_path: Path) -> None:
    theirs = next((real_data / "soundscapes" / "raven").rglob("*.txt"))
    header = theirs.read_text(encoding="utf-8-sig").splitlines()[0].split("\t")
    ours = selection_table(make_scan(tmp_path).detections(), 0.0, 1.0).columns
    assert set(ours[:7]) <= set(header) | {"Low Freq (Hz)", "High Freq (Hz)"}
    assert ours[:3] == header[:3]
