"""Tables have BirdCLEF's header lines and forms."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

from oscine.synth import tables
from oscine.synth.config import sized
from oscine.synth.entries import YEAR_B
from oscine.synth.plan import make_plan
from oscine.synth.soundscapes import draft_soundscape, events

CONFIG = sized("tiny")
PLAN = make_plan(CONFIG)
ENTRIES = [entry for entry in PLAN.entries if entry.year == YEAR_B]
SOUNDSCAPES = [draft_soundscape(CONFIG, PLAN.roster, index) for index in range(2)]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_metadata_has_the_header_line_of_2023(real_data: Path) -> None:
    published = (real_data / "catalogs" / "2023" / "train_metadata.csv").open(encoding="utf-8")
    with published as lines:
        assert lines.readline().rstrip() == tables.METADATA


def test_metadata_has_a_row_for_every_file() -> None:
    rows = rows_of(tables.metadata_text(CONFIG, ENTRIES))
    assert [row["filename"] for row in rows] == [entry.filename for entry in ENTRIES]
    assert all(row["filename"].split("/")[0] == row["primary_label"] for row in rows)


def test_lists_are_python_literals_in_text() -> None:
    rows = rows_of(tables.metadata_text(CONFIG, ENTRIES))
    codes = {one.code for one in (*PLAN.roster.pretrain, *PLAN.roster.target)}
    assert all(set(ast.literal_eval(row["secondary_labels"])) <= codes for row in rows)
    assert all(isinstance(ast.literal_eval(row["type"]), list) for row in rows)


def test_the_taxonomy_lists_each_species_once() -> None:
    rows = rows_of(tables.taxonomy_text(PLAN.roster.target))
    assert [row["primary_label"] for row in rows] == sorted(o.code for o in PLAN.roster.target)
    assert {row["class_name"] for row in rows} == {"Aves"}


def test_soundscape_labels_are_in_the_form_of_2026() -> None:
    text = tables.soundscape_labels_text(SOUNDSCAPES)
    rows = rows_of(text)
    assert text.startswith("filename,start,end,primary_label\n")
    assert all(len(row["start"]) == len("00:00:05") for row in rows)
    assert any(";" in row["primary_label"] for row in rows)
    assert rows[-1] == rows[0]


def test_annotations_have_a_row_for_every_event() -> None:
    rows = rows_of(tables.annotations_text(SOUNDSCAPES))
    assert len(rows) == sum(len(events(one)) for one in SOUNDSCAPES)
    assert list(rows[0]) == tables.ANNOTATIONS.split(",")


def test_a_submission_has_a_row_a_window_and_a_column_a_species() -> None:
    rows = rows_of(tables.submission_text(SOUNDSCAPES, PLAN.roster.target))
    assert len(rows) == 2 * 6
    assert rows[0]["row_id"] == f"{SOUNDSCAPES[0].name}_5"
    assert len(rows[0]) == 1 + CONFIG.n_species_target
