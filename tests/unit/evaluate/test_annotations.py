from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.core import CatalogError
from oscine.evaluate import read_annotations, window_targets

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
