"""Raven selection tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oscine.catalog import CatalogConfig, read_catalog
from oscine.core import SourceError
from synthetic import make_scan

HEAD = ("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)")


def config(root: Path, **settings: Any) -> CatalogConfig:
    defaults = {"name": "mine", "source": "raven", "path": root, "role": "target"}
    return CatalogConfig(**(defaults | {"audio_required": False} | settings))


def write(
    root: Path, columns: dict[str, list[Any]], name: str = "rec.Table.1.selections.txt"
) -> None:
    """A table of selections of one second each, with further columns."""
    n = len(next(iter(columns.values())))
    head = [*HEAD, *columns]
    rows = [
        [
            i + 1,
            "Spectrogram 1",
            1,
            2.0 * i,
            2.0 * i + 1.0,
            *(cells[i] for cells in columns.values()),
        ]
        for i in range(n)
    ]
    lines = ["\t".join(map(str, row)) for row in [head, *rows]]
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "column", ["Species", "species", "SPECIES CODE", "Species_Code", "Annotation", "Label", "Tags"]
)
def test_the_usual_names_of_the_label_are_known(tmp_path: Path, column: str) -> None:
    write(tmp_path, {"Notes": ["far"], column: ["WOTH"]})
    assert read_catalog(config(tmp_path))["primary_label"].to_list() == ["WOTH"]


def test_the_recipe_can_say_which_column_is_the_label(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["Wood Thrush"], "Type": ["song, call"], "Código": ["WOTH"]})
    columns = {"primary_label": "Código", "type": "Type"}
    row = read_catalog(config(tmp_path, columns=columns)).row(0, named=True)
    assert (row["primary_label"], row["type"]) == ("WOTH", ["song", "call"])


def test_names_beside_the_code_are_read_as_names(tmp_path: Path) -> None:
    birdnet = {"Common Name": ["Wood Thrush"], "Species Code": ["woothr"], "Confidence": [0.9]}
    write(tmp_path, birdnet, "rec.BirdNET.selection.table.txt")
    row = read_catalog(config(tmp_path)).row(0, named=True)
    assert (row["primary_label"], row["common_name"]) == ("woothr", "Wood Thrush")
    assert row["filename"] == "rec.wav"


def test_a_table_without_any_such_column_is_an_error_that_lists_its_columns(tmp_path: Path) -> None:
    write(tmp_path, {"Bird": ["WOTH"]})
    with pytest.raises(SourceError, match=r"which column is the label.*rec\.Table.*columns.*Bird"):
        read_catalog(config(tmp_path))


def test_of_two_such_columns_the_one_that_is_filled_is_the_label(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["", ""], "Annotation": ["WOTH", "EATO"]})
    assert read_catalog(config(tmp_path))["primary_label"].to_list() == ["WOTH", "EATO"]


def test_a_table_in_which_nothing_is_selected_needs_no_label(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["WOTH"]})
    (tmp_path / "quiet.Table.1.selections.txt").write_text("\t".join(HEAD) + "\n")
    assert len(read_catalog(config(tmp_path))) == 1


def test_one_table_can_be_named(tmp_path: Path) -> None:
    write(tmp_path, {"Bird": ["WOTH"]}, "a/rec.Table.1.selections.txt")
    settings = {"table": "a/rec.Table.1.selections.txt", "columns": {"primary_label": "Bird"}}
    row = read_catalog(config(tmp_path, **settings)).row(0, named=True)
    assert row["recording_id"] == "mine/a/rec.wav#0.0-1.0"
    with pytest.raises(SourceError, match=r"lacks Species .*a/rec\.Table\.1\.selections\.txt\)"):
        read_catalog(config(tmp_path, **settings | {"columns": {"primary_label": "Species"}}))


def test_a_column_that_the_recipe_names_and_a_table_lacks_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["WOTH"]})
    with pytest.raises(SourceError, match=r"lacks Bird.*Species"):
        read_catalog(config(tmp_path, columns={"primary_label": "Bird"}))


def test_a_column_that_follows_from_the_selection_cannot_be_mapped(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["WOTH"]})
    with pytest.raises(SourceError, match="names start_s"):
        read_catalog(config(tmp_path, columns={"start_s": "Begin Time (s)"}))


def test_a_selection_in_two_views_is_one_clip(tmp_path: Path) -> None:
    text = (
        "\t".join([*HEAD, "Species"])
        + "\n1\tWaveform 1\t1\t0.5\t1.5\tWOTH\n1\tSpectrogram 1\t1\t0.5\t1.5\tWOTH\n"
        + "2\tSpectrogram 1\t2\t0.5\t1.5\tWOTH\n"
    )
    (tmp_path / "rec.Table.1.selections.txt").write_text(text)
    assert len(read_catalog(config(tmp_path))) == 1


def test_several_tables_of_one_recording_hear_each_other(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["WOTH"]})
    write(tmp_path, {"Species": ["EATO"]}, "rec.Table.2.selections.txt")
    table = read_catalog(config(tmp_path))
    assert table.select("primary_label", "secondary_labels").rows() == [
        ("EATO", ["WOTH"]),
        ("WOTH", ["EATO"]),
    ]


@pytest.mark.parametrize("folder", ["", "audio", "2019/dawn"])
@pytest.mark.parametrize("extension", ["wav", "FLAC", "mp3"])
def test_the_recording_is_beside_its_table_or_in_a_folder(
    tmp_path: Path, folder: str, extension: str
) -> None:
    write(tmp_path, {"Species": ["WOTH"]})
    path = tmp_path / folder / f"rec.{extension}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    table = read_catalog(config(tmp_path, audio_required=True))
    assert table["filepath"].to_list() == [path.as_posix()]


def test_tables_and_recordings_may_lie_in_two_folders(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["WOTH"]}, "tables/b/rec.Table.1.selections.txt")
    for site in "ab":
        (tmp_path / "audio" / site).mkdir(parents=True)
        (tmp_path / "audio" / site / "rec.wav").write_bytes(b"x")
    settings = {"table": "tables", "audio": "audio", "audio_required": True}
    row = read_catalog(config(tmp_path, **settings)).row(0, named=True)
    assert row["recording_id"] == "mine/b/rec.wav#0.0-1.0"


def test_a_table_of_several_files_says_where_each_selection_is(tmp_path: Path) -> None:
    columns = {
        "Species": ["WOTH", "EATO"],
        "Begin Path": [r"D:\site\one.wav", r"D:\site\two.wav"],
        "File Offset (s)": [7.0, 8.0],
    }
    write(tmp_path, columns)
    table = read_catalog(config(tmp_path))
    assert table.select("filename", "start_s", "end_s").rows() == [
        ("one.wav", 7.0, 8.0),
        ("two.wav", 8.0, 9.0),
    ]


def test_a_table_of_several_files_without_offsets_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"Species": ["WOTH", "EATO"], "Begin File": ["one.wav", "two.wav"]})
    with pytest.raises(SourceError, match=r"about 2 files.*File Offset \(s\)"):
        read_catalog(config(tmp_path))


def test_a_file_of_another_text_that_calls_itself_a_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rec.selections.txt").write_text("start\tend\n")
    with pytest.raises(SourceError, match="lacks Begin Time"):
        read_catalog(config(tmp_path))


def test_real_tables_are_read_and_what_nobody_named_is_counted(
    real_data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = read_catalog(config(real_data / "soundscapes" / "raven"))
    assert dict(table["primary_label"].value_counts().iter_rows()) == {
        "WOTH": 4,
        "EATO": 4,
        "LOWA": 1,
        "CSWA": 1,
    }
    assert "1 of 11 annotations have no label" in caplog.text
    assert "line 11" in caplog.text


def test_what_a_scan_writes_is_read_again(tmp_path: Path) -> None:
    scan = make_scan(tmp_path, formats=("raven",))
    found = scan.detections().sort("filepath", "start_s", "species_code")
    audio = Path(found["filepath"][0]).parent
    table = read_catalog(
        config(scan.folder / "raven", audio=str(audio.resolve()), audio_required=True)
    ).sort("filepath", "start_s", "primary_label")
    columns = ["filename", "start_s", "end_s", "scientific_name", "common_name"]
    assert table.select(columns).rows() == found.select(columns).rows()
    assert table["primary_label"].to_list() == found["species_code"].to_list()
