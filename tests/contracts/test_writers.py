"""One conformance suite over every output format: what it says, how it stands in its folder."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import crowsetta
import numpy as np
import polars as pl
import pytest

from oscine.catalog.selections import parse_labels, parse_selections
from oscine.catalog.tables import FINDINGS, empty, write_table
from oscine.core import ScanError, name_of
from oscine.infer import ScanResult
from oscine.infer.postprocess import detect
from oscine.infer.result import DETECTIONS_FILE, FINDINGS_FILE, SCORES_FILE
from oscine.infer.tables import DETECTIONS, Rows, detections_table, scores_table
from oscine.infer.writers import WRITERS, check_writing, write_formats
from oscine.infer.writers.submission import Submission
from oscine.model.bundle import SpeciesInfo

FORMATS = sorted(WRITERS)
OF_DETECTIONS = sorted(set(WRITERS) - {"submission"})
SPECIES = (
    SpeciesInfo(species_code="grütit", scientific_name="Parus major", common_name="Grote, Mees"),
    SpeciesInfo(species_code="1139490", scientific_name="", common_name='"Mésange" d\'eau'),
    SpeciesInfo(species_code="brant", scientific_name="Branta bernicla", common_name="Brant"),
)
PLAIN = ("audio/soundscape_1.ogg", "audio/soundscape_2.ogg")
ODD = (
    "audio/zwölf Vögel.wav",
    "other/Zwölf Vögel.wav",
    'audio/he said "tit", twice.wav',
    '"quoted" folder/a.wav',
    "audio/tab\tand\nbreak.wav",
    "audio/" + "ü" * 122 + ".wav",
    "https://example.org/a%20b.ogg?token=1",
    ".hidden",
    "音声/森.flac",
)


def store(folder: Path, paths: tuple[str, ...] = PLAIN, threshold: float = 0.5) -> ScanResult:
    """The tables of a scan of ten seconds a recording: two windows of five, three species."""
    values = np.array([[0.9, 0.25, 0.0], [0.625, 0.75, 0.5]], dtype=np.float32)
    start_s = np.array([0.0, 5.0])
    rows = [Rows(path, start_s, start_s + 5.0, values) for path in paths]
    folder.mkdir(parents=True)
    scores_table(rows, SPECIES).write_parquet(folder / SCORES_FILE)
    found = [
        (path, detect(one, values >= threshold)) for path, one in zip(paths, rows, strict=True)
    ]
    write_table(detections_table(found, SPECIES), folder / DETECTIONS_FILE, DETECTIONS)
    write_table(empty(FINDINGS), folder / FINDINGS_FILE, FINDINGS)
    return ScanResult(folder, SPECIES, 20.0, 16_000.0, paths, n_scanned=len(paths))


Row = tuple[float, float, str]
"""Start and end, s, and what names the species."""


def read_raven(folder: Path) -> list[Row]:
    kind = crowsetta.formats.by_name("raven")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The inplace keyword")  # crowsetta 5.1 with pandas 3.1
        tables = [
            kind.from_file(path, annot_col="Species") for path in (folder / "raven").iterdir()
        ]
    boxes = [box for table in tables for box in table.to_bbox()]
    assert {(box.low_freq, box.high_freq) for box in boxes} <= {(20.0, 16_000.0)}
    return [(box.onset, box.offset, str(box.label)) for box in boxes]


def read_audacity(folder: Path) -> list[Row]:
    kind = crowsetta.formats.by_name("aud-seq")
    tracks = [kind.from_file(path) for path in (folder / "audacity").iterdir()]
    return [
        (start, end, str(label).partition(":")[0])
        for track in tracks
        for start, end, label in zip(track.start_times, track.end_times, track.labels, strict=True)
    ]


def read_csv(folder: Path) -> list[Row]:
    table = pl.read_csv(folder / "detections.csv", schema_overrides={"species_code": pl.String})
    return table.select("start_s", "end_s", "species_code").rows()


def read_jsonl(folder: Path) -> list[Row]:
    lines = (folder / "detections.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    rows = [json.loads(line) for line in lines]
    return [(row["start_s"], row["end_s"], row["species_code"]) for row in rows]


def read_kaleidoscope(folder: Path) -> list[Row]:
    table = pl.read_csv(folder / "kaleidoscope.csv", schema_overrides={"TOP1MATCH": pl.String})
    end = pl.col("OFFSET") + pl.col("DURATION")
    return table.select("OFFSET", end.alias("end"), "TOP1MATCH").rows()


READERS: dict[str, Callable[[Path], list[Row]]] = {
    "raven": read_raven,
    "audacity": read_audacity,
    "csv": read_csv,
    "jsonl": read_jsonl,
    "kaleidoscope": read_kaleidoscope,
}


def rows_of(result: ScanResult) -> list[Row]:
    return sorted(result.detections().select("start_s", "end_s", "species_code").rows())


def texts(folder: Path, name: str) -> list[str]:
    """The texts of the files that a format wrote."""
    path = folder / WRITERS[name].OUTPUT
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file.read_text(encoding="utf-8") for file in files]


def test_every_format_of_detections_has_its_reader_here() -> None:
    assert sorted(READERS) == OF_DETECTIONS


@pytest.mark.parametrize("name", OF_DETECTIONS)
def test_what_is_written_reads_back(name: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out")
    write_formats([name], result)
    assert sorted(READERS[name](result.folder)) == rows_of(result)


@pytest.mark.parametrize("name", OF_DETECTIONS)
def test_odd_paths_and_names_read_back_too(name: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out", ODD)
    write_formats([name], result)
    assert sorted(READERS[name](result.folder)) == rows_of(result)


@pytest.mark.parametrize("name", OF_DETECTIONS)
def test_every_species_is_named_in_words(name: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out")
    write_formats([name], result)
    text = "\n".join(texts(result.folder, name))
    names = [result.detections()["common_name"].unique().to_list()]
    for common_name in names[0]:
        assert common_name.replace('"', "") in text.replace("\\", "").replace('"', "")


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("csv", ["start_s", "end_s"]),
        ("jsonl", ['"start_s":', '"end_s":']),
        ("raven", ["Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)"]),
        ("kaleidoscope", ["start_s", "end_s"]),
    ],
)
def test_columns_tell_their_units(name: str, units: list[str], tmp_path: Path) -> None:
    result = store(tmp_path / "out")
    write_formats([name], result)
    for text in texts(result.folder, name):
        assert all(unit in text.splitlines()[0] for unit in units)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_table_is_written_all_the_same(name: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out", (), threshold=1.0)
    write_formats([name], result)
    assert (result.folder / WRITERS[name].OUTPUT).exists()
    assert not [line for text in texts(result.folder, name) for line in text.splitlines()[1:]]


@pytest.mark.parametrize("name", FORMATS)
def test_it_can_be_written_again_and_leaves_nothing_else(name: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out")
    before = set(result.folder.iterdir())
    write_formats([name], result)
    first = texts(result.folder, name)
    write_formats([name], result)
    assert texts(result.folder, name) == first
    left = {path.name for path in set(result.folder.iterdir()) - before}
    assert left == {WRITERS[name].OUTPUT, "outputs.json"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_the_users_is_not_replaced(name: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out")
    place = result.folder / WRITERS[name].OUTPUT
    if not place.suffix:  # a folder with a file a recording
        place.mkdir()
        place /= "mine.txt"
    place.write_text("mine", encoding="utf-8")
    for attempt in (check_writing, write_formats):
        with pytest.raises(ScanError, match="would be overwritten, and is not ours"):
            attempt([name], result)
    assert place.read_text(encoding="utf-8") == "mine"
    assert not [path for path in result.folder.iterdir() if "partial" in path.name]


@pytest.mark.parametrize("name", FORMATS)
def test_an_output_that_somebody_corrected_is_not_replaced(name: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out")
    write_formats([name], result)
    path = result.folder / WRITERS[name].OUTPUT
    file = min(path.iterdir()) if path.is_dir() else path
    file.write_text("corrected", encoding="utf-8")
    with pytest.raises(ScanError, match="changed since this scan wrote it"):
        write_formats([name], result)
    assert file.read_text(encoding="utf-8") == "corrected"


@pytest.mark.parametrize("name", FORMATS)
def test_a_writer_that_breaks_off_leaves_the_old_output_whole(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = store(tmp_path / "out")
    write_formats([name], result)
    before = texts(result.folder, name)

    def break_off(self: pl.DataFrame, file: Path, **_: object) -> None:
        file.write_text("half", encoding="utf-8")
        raise OSError("no space left on device")

    def lines(self: Submission) -> Iterator[bytes]:
        yield b"half"
        raise OSError("no space left on device")

    monkeypatch.setattr(Submission, "lines", lines)
    if name != "submission":
        monkeypatch.setattr(pl.DataFrame, "write_csv", break_off)
    monkeypatch.setattr(pl.DataFrame, "write_ndjson", break_off)
    with pytest.raises(OSError, match="no space"):
        write_formats([name], result)
    assert texts(result.folder, name) == before
    assert not [path for path in result.folder.iterdir() if "partial" in path.name]


def test_selection_tables_and_labels_read_back_as_annotations(tmp_path: Path) -> None:
    result = store(tmp_path / "out", ODD)
    write_formats(["raven", "audacity"], result)
    raven, audacity = (texts(result.folder, name) for name in ("raven", "audacity"))
    assert len(raven) == len(audacity) == len(ODD)
    selections = pl.concat([parse_selections(text, "") for text in raven])
    rows = selections.select("start_s", "end_s", "Species").rows()
    assert sorted(rows) == rows_of(result)
    paths = {path.replace("\t", " ").replace("\n", " ") for path in ODD}
    assert set(selections["Begin Path"]) == paths
    assert set(selections["Common Name"]) == {one.common_name for one in SPECIES}
    labels = [parse_labels(text, "") for text in audacity]
    rows = [row for table in labels if table is not None for row in table.rows()]
    assert sorted(row[1:] for row in rows) == rows_of(result)


def test_a_scan_in_kaleidoscope_names_folder_and_file_apart(tmp_path: Path) -> None:
    result = store(tmp_path / "out", ("/data/site 1/a.wav", "https://example.org/x/b.ogg"))
    write_formats(["kaleidoscope"], result)
    table = pl.read_csv(result.folder / "kaleidoscope.csv")
    places = table.select("INDIR", "FOLDER", "IN FILE").unique(maintain_order=True).rows()
    assert places == [("/data", "site 1", "a.wav"), ("https://example.org/", "x", "b.ogg")]
    assert table.columns[:5] == ["INDIR", "FOLDER", "IN FILE", "OFFSET", "DURATION"]
    assert table["MANUAL ID"].null_count() == len(table)


@pytest.mark.parametrize("filepath", ODD)
def test_a_submission_takes_odd_names(filepath: str, tmp_path: Path) -> None:
    result = store(tmp_path / "out", (filepath,))
    write_formats(["submission"], result)
    rows = pl.read_csv(result.folder / "submission.csv")
    stem = Path(name_of(filepath)).stem
    assert rows["row_id"].to_list() == [f"{stem}_5", f"{stem}_10"]
    assert rows.columns == ["row_id", *(one.species_code for one in SPECIES)]
