from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.core import CatalogError
from oscine.evaluate import read_annotations, window_targets
from oscine.evaluate.annotations import match_recordings

HEAD = "filename,start,end,primary_label\n"
CODES = ("brant", "gadwal", "merlin")


@pytest.fixture
def read(tmp_path):
    def make(*rows, head=HEAD):
        path = tmp_path / "labels.csv"
        path.write_text(head + "".join(f"{row}\n" for row in rows))
        return read_annotations(path)

    return make


def windows(*spans, filepath="calls/a.ogg"):
    return pl.DataFrame(
        [{"filepath": filepath, "start_s": start, "end_s": end} for start, end in spans]
    )


@pytest.mark.parametrize(
    ("text", "expected_s"),
    [
        ("0", 0.0),
        ("7.25", 7.25),
        ("00:00:05", 5.0),
        ("01:05", 65.0),
        ("01:00:00.5", 3600.5),
    ],
)
def test_times_are_seconds_or_a_clock(read, text, expected_s):
    assert read(f"a.ogg,{text},99999,brant")["start_s"].to_list() == [expected_s]


def test_labels_that_are_joined_become_a_row_each(read):
    table = read("a.ogg,0,5,brant; gadwal")
    assert table["species_code"].to_list() == ["brant", "gadwal"]
    assert table.columns == ["filename", "start_s", "end_s", "species_code"]


def test_a_row_that_is_repeated_counts_once(read):
    """The published table of 2026 repeats rows."""
    assert len(read("a.ogg,0,5,brant", "a.ogg,0,5,brant", "a.ogg,00:00:00,5,brant")) == 1


def test_a_numeric_label_stays_text(read):
    assert read("a.ogg,0,5,22930")["species_code"].to_list() == ["22930"]


def test_a_table_that_is_missing_is_a_typed_error(tmp_path):
    with pytest.raises(CatalogError, match=r"no such annotation table.*nowhere\.csv"):
        read_annotations(tmp_path / "nowhere.csv")


def test_a_table_that_lacks_a_column_is_a_typed_error_that_lists_them(read):
    with pytest.raises(CatalogError, match=r"no column 'end'.*filename, start, end"):
        read("a.ogg,0,brant", head="filename,start,primary_label\n")


@pytest.mark.parametrize("time", ["soon", "1:xx"])
def test_a_time_that_is_none_is_a_typed_error(read, time):
    with pytest.raises(CatalogError, match="HH:MM:SS"):
        read(f"a.ogg,{time},5,brant")


def test_a_window_has_the_species_whose_annotations_overlap_it(read):
    heard = read("a.ogg,0,5,brant", "a.ogg,4,6,gadwal", "a.ogg,11,12,merlin")
    targets = window_targets(windows((0, 5), (5, 10), (10, 15)), heard, CODES)
    assert targets.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert targets.dtype == np.float32


def test_an_annotation_that_only_touches_a_window_is_not_in_it(read):
    heard = read("a.ogg,0,5,brant", "a.ogg,10,15,gadwal")
    assert window_targets(windows((5, 10)), heard, CODES).sum() == 0


@pytest.mark.parametrize("filepath", ["a.ogg", "/data/calls/a.ogg", r"C:\data\a.ogg"])
def test_files_are_matched_by_their_names_whatever_the_folder(read, filepath):
    targets = window_targets(windows((0, 5), filepath=filepath), read("a.ogg,0,5,brant"), CODES)
    assert targets[0].tolist() == [1, 0, 0]


def test_other_files_and_species_that_the_model_does_not_know_are_left_out(read):
    heard = read("b.ogg,0,5,brant", "a.ogg,0,5,unheard of", "a.ogg,0,5,")
    assert window_targets(windows((0, 5)), heard, CODES).sum() == 0


def test_rows_follow_the_windows_and_columns_the_codes(read):
    heard = read("a.ogg,0,5,merlin")
    targets = window_targets(windows((5, 10), (0, 5)), heard, CODES[::-1])
    assert targets.tolist() == [[0, 0, 0], [1, 0, 0]]


RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tSpecies\t\n"


def test_a_raven_table_names_its_recording_by_its_own_name(tmp_path):
    path = tmp_path / "site_1.Table.1.selections.txt"
    path.write_text(RAVEN + "1\tSpectrogram 1\t1\t1.5\t2.5\t900\tWOTH\n")
    assert read_annotations(path).rows() == [("site_1", 1.5, 2.5, "WOTH")]


def test_an_empty_raven_table_is_a_recording_in_which_nothing_was_heard(tmp_path):
    path = tmp_path / "quiet.Table.1.selections.txt"
    path.write_text(RAVEN)
    assert read_annotations(path).rows() == [("quiet", 0.0, 0.0, None)]


def test_the_column_of_the_label_may_be_named(tmp_path):
    path = tmp_path / "a.selections.txt"
    head = "Begin Time (s)\tEnd Time (s)\tSpecies\tMine\n"
    path.write_text(head + "1\t2\tWOTH\tbrant\n1\t2\tWOTH\t\n")
    assert read_annotations(path)["species_code"].to_list() == ["WOTH"]
    assert read_annotations(path, "Mine")["species_code"].to_list() == ["brant", "?"]
    with pytest.raises(CatalogError, match=r"no column 'Yours'.*Mine"):
        read_annotations(path, "Yours")


def test_an_audacity_track_names_its_recording_too(tmp_path):
    path = tmp_path / "spinetail.txt"
    path.write_text("0.1\t0.4\tSP\n\\\t6441.1\t12296.6\n0.5\t3.0\tCRER\n")
    rows = [("spinetail", 0.1, 0.4, "SP"), ("spinetail", 0.5, 3.0, "CRER")]
    assert read_annotations(path).rows() == rows


def test_a_folder_of_texts_is_read_as_a_whole_with_its_folders(tmp_path):
    (tmp_path / "north").mkdir()
    (tmp_path / "north" / "a.txt").write_text("0\t1\tbrant\n")
    (tmp_path / "b.Table.1.selections.txt").write_text(RAVEN)
    (tmp_path / "readme.txt").write_text("words\n")
    found = read_annotations(tmp_path).sort("filename")
    assert found["filename"].to_list() == ["b", "north/a"]


def test_a_folder_with_the_competitions_table_is_read_from_that(tmp_path):
    (tmp_path / "train_soundscapes_labels.csv").write_text(HEAD + "a.ogg,0,5,brant\n")
    (tmp_path / "notes.txt").write_text("0\t1\tgadwal\n")
    assert read_annotations(tmp_path)["species_code"].to_list() == ["brant"]


def test_a_folder_without_annotations_is_a_typed_error(tmp_path):
    (tmp_path / "readme.txt").write_text("words\n")
    with pytest.raises(CatalogError, match="1 text files, and none is a selection table"):
        read_annotations(tmp_path)


def test_rows_of_2021_name_recordings_by_number_and_site(tmp_path):
    path = tmp_path / "train_soundscape_labels.csv"
    path.write_text(
        "row_id,site,audio_id,seconds,birds\n"
        "7019_COR_5,COR,7019,5,nocall\n7019_COR_10,COR,7019,10,brant merlin\n"
    )
    heard = read_annotations(path)
    spans = windows((0, 5), (5, 10), filepath="train_soundscapes/7019_COR_20190904.ogg")
    assert window_targets(spans, heard, CODES).tolist() == [[0, 0, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a.ogg", "x/a.ogg"),
        ("a.wav", "x/a.ogg"),
        ("A", "x/a.ogg"),
        ("y/b", "y/b.wav"),
        ("D:\\field\\y\\b.WAV", "y/b.wav"),
        ("7_SSW", "z/7_SSW_20170408.ogg"),
        ("nowhere.ogg", None),
    ],
)
def test_recordings_are_found_by_name_with_folders_where_names_repeat(name, path):
    paths = ["x/a.ogg", "x/b.wav", "y/b.wav", "z/7_SSW_20170408.ogg"]
    assert match_recordings([name], paths) == {name: path}


def test_a_name_that_may_mean_two_recordings_is_a_typed_error():
    with pytest.raises(CatalogError, match="may be about"):
        match_recordings(["b.wav"], ["x/b.wav", "y/b.wav"])


@pytest.mark.parametrize(
    ("start", "end", "least_s", "expected"),
    [
        (4.5, 9.0, 0.0, [1, 1]),
        (4.5, 9.0, 1.0, [0, 1]),
        (4.8, 5.2, 1.0, [0, 0]),
        (1.0, 1.2, 1.0, [1, 0]),
        (5.0, 5.0, 0.0, [0, 1]),
        (0.0, 5.0000001, 0.0, [1, 0]),
    ],
    ids=["any part", "too little", "parted", "short and whole", "a point", "rounding"],
)
def test_how_much_of_an_annotation_is_in_a_window(start, end, least_s, expected):
    heard = pl.DataFrame(
        {"filename": ["a"], "start_s": [start], "end_s": [end], "species_code": ["brant"]}
    )
    found = window_targets(windows((0, 5), (5, 10)), heard, CODES, least_s)
    assert found[:, 0].tolist() == expected
