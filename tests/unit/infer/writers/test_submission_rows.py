from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.core import ScanError
from oscine.infer.writers.submission_rows import (
    heard,
    lay_out,
    match_recordings,
    n_rows,
    read_template,
    short_name,
    stem,
)


def make_template(folder: Path, *lines: str) -> Path:
    path = folder / "sample_submission.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


FORMS = {
    "2020": ("row_id,birds", "site_1_0a997dff022e_5,nocall", "site_1_0a997dff022e_10,nocall"),
    "2020, site 3": ("row_id,birds", "site_3_0a997dff022e,nocall"),
    "2021": ("row_id,birds", "11254_COR_5,nocall", "11254_COR_10,nocall"),
    "2022": ("row_id,target", "soundscape_1000170626_akiapo_5,False"),
    "2023": ("row_id,abethr1,abhori1", "soundscape_29201_5,0.0,0.0"),
    "2026": ("row_id,1161364,brant", "BC2026_Test_0001_S05_20250227_010002_5,0.5,0.5"),
}
RECORDINGS = {
    "2020": "test_audio/0a997dff022e.mp3",
    "2020, site 3": "test_audio/0a997dff022e.mp3",
    "2021": "test_soundscapes/11254_COR_20190904.ogg",
    "2022": "test_soundscapes/soundscape_1000170626.ogg",
    "2023": "test_soundscapes/soundscape_29201.ogg",
    "2026": "test_soundscapes/BC2026_Test_0001_S05_20250227_010002.ogg",
}


@pytest.mark.parametrize("year", FORMS)
def test_the_rows_of_each_year_find_their_recording(year: str, tmp_path: Path) -> None:
    template = read_template(make_template(tmp_path, *FORMS[year]))
    others = ["test_soundscapes/other_1.ogg", "test_audio/7019_SSW_20190904.ogg"]
    found = match_recordings(template, [*others, RECORDINGS[year]])
    assert list(found.values()) == [RECORDINGS[year]]
    rows = lay_out(template, {RECORDINGS[year]: 60.0}, ["akiapo"])
    assert rows["row_id"].to_list() == [line.partition(",")[0] for line in FORMS[year][1:]]
    assert rows["filepath"].to_list() == [RECORDINGS[year]] * len(rows)
    assert rows["start_s"][0] == 0.0
    assert rows["end_s"][0] == (float("inf") if year == "2020, site 3" else 5.0)
    assert rows["species_code"][0] == ("akiapo" if year == "2022" else None)


@pytest.mark.parametrize("year", ["2020", "2022"])
def test_the_published_templates_are_read(year: str, real_data: Path) -> None:
    path = real_data / "catalogs" / year / "sample_submission.csv"
    template = read_template(path)
    table = pl.read_csv(path)
    test = pl.read_csv(path.with_name("test.csv"))
    assert template.kind == {"2020": "birds", "2022": "target"}[year]
    assert [template.columns[0]] == table.columns[1:]
    assert template.rows["row_id"].to_list() == table["row_id"].to_list()
    ends = test["seconds" if year == "2020" else "end_time"]
    assert template.rows["end"].to_list() == ends.to_list()
    name = str(test["audio_id" if year == "2020" else "file_id"][0])
    assert list(match_recordings(template, [f"x/{name}.mp3"]).values()) == [f"x/{name}.mp3"]


def test_a_row_whose_recording_is_not_scanned_stays(tmp_path: Path) -> None:
    template = read_template(
        make_template(tmp_path, "row_id,x", "b_5,0", "a_10,0", "a_5,0", "c_5,0")
    )
    rows = lay_out(template, {"a.ogg": 10.0, "c.ogg": 5.0}, ["x"])
    assert rows["row_id"].to_list() == ["b_5", "a_10", "a_5", "c_5"]
    assert rows["filepath"].to_list() == [None, "a.ogg", "a.ogg", "c.ogg"]
    assert rows["start_s"].to_list() == [0.0, 5.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("row_id,x", "hidden_5,0"), ["a_5", "a_10", "b_5"]),
        (("row_id,birds", "hidden_5,nocall"), ["a_5", "a_10", "b_5"]),
        (("row_id,target", "hidden_x_5,False"), ["a_x_5", "a_x_10", "b_x_5"]),
    ],
)
def test_a_template_of_none_of_the_recordings_gives_its_form_alone(
    lines: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    template = read_template(make_template(tmp_path, *lines))
    rows = lay_out(template, {"in/a.ogg": 11.0, "in/b.ogg": 4.0}, ["x", "y"])
    assert rows["row_id"].to_list() == expected
    assert rows["filepath"].to_list() == ["in/a.ogg", "in/a.ogg", "in/b.ogg"]


def test_without_a_template_every_recording_has_its_rows() -> None:
    rows = lay_out(None, {"a.ogg": 12.4, "b.ogg": 12.5, "c.ogg": 0.2}, [])
    assert rows["row_id"].to_list() == ["a_5", "a_10", "b_5", "b_10", "b_15", "c_5"]


def test_recordings_of_one_name_are_refused(tmp_path: Path) -> None:
    recordings = {"x/a.ogg": 5.0, "y/a.ogg": 5.0}
    with pytest.raises(ScanError, match=r"a_5 and so on \(x/a.ogg, y/a.ogg\)"):
        lay_out(None, recordings, [])
    template = read_template(make_template(tmp_path, "row_id,birds", "11_SSW_5,nocall"))
    with pytest.raises(ScanError, match="11_SSW_5 and so on"):
        match_recordings(template, ["11_SSW_20190904.ogg", "11_SSW_20200904.ogg"])


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        (("row,x", "a_5,0"), "no sample submission"),
        (("row_id", "a_5"), "no sample submission"),
        (("row_id,x",), "no sample submission"),
        (("row_id,x", "a_5,0", "a_five,0"), "line 3: no row_id of a known form: 'a_five'"),
        (("row_id,target", "a_5,False"), "line 2"),
    ],
)
def test_what_is_no_template_is_refused(lines: tuple[str, ...], match: str, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=match):
        read_template(make_template(tmp_path, *lines))


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"nowhere\.csv"):
        read_template(tmp_path / "nowhere.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ScanError, match=r"empty\.csv"):
        read_template(tmp_path / "empty.csv")


def test_names_and_lengths() -> None:
    assert stem("https://example.org/a%20b.ogg?x=1") == "a b"
    assert stem("audio/v1.2.ogg") == "v1.2"
    assert short_name("7019_COR_20190904") == "7019_COR"
    assert [n_rows(length_s) for length_s in (59.9, 60.0, 57.4)] == [12, 12, 11]


def make_detections(*rows: tuple[float, float, str]) -> pl.DataFrame:
    schema = {"start_s": pl.Float64, "end_s": pl.Float64, "species_code": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        ([(0.0, 10.0, "x")], [["x"], ["x"]]),
        ([(2.5, 7.5, "x")], [["x"], ["x"]]),
        ([(2.6, 7.4, "x")], [[], []]),
        ([(0.0, 1.5, "x"), (1.0, 2.5, "x")], [["x"], []]),
        ([(0.0, 2.0, "x"), (0.5, 2.0, "x"), (1.0, 2.0, "x")], [[], []]),
        ([(0.0, 2.0, "x"), (0.0, 2.0, "y")], [[], []]),
        ([(5.0, 8.0, "y"), (5.0, 8.0, "x")], [[], ["x", "y"]]),
        ([], [[], []]),
    ],
    ids=str,
)
def test_half_a_row_makes_a_species_heard(
    detections: list[tuple[float, float, str]], expected: list[list[str]]
) -> None:
    table = make_detections(*detections)
    assert [sorted(heard(table, start, start + 5.0)) for start in (0.0, 5.0)] == expected
