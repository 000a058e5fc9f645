from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.catalog import Species, TaxonomyConfig
from oscine.core import MetricError
from oscine.evaluate import AlignConfig, AnnotatedWindows, align, resolve_labels
from oscine.evaluate.annotations import SCHEMA

SPECIES = [
    Species("comcha1", "Fringilla coelebs", "Common Chaffinch"),
    Species("eurwre1", "Troglodytes troglodytes", "Eurasian Wren"),
]
CODES = [one.species_code for one in SPECIES]


def scores(**n_windows: int) -> pl.DataFrame:
    """Windows of 5 s; each score is the number of its row."""
    rows = [
        (f"/audio/{name}.wav", 5.0 * window, 5.0 * window + 5.0)
        for name, n in n_windows.items()
        for window in range(n)
    ]
    table = pl.DataFrame(rows, schema=["filepath", "start_s", "end_s"], orient="row")
    value = pl.int_range(pl.len()).cast(pl.Float32)
    return table.with_columns(value.alias(code) for code in CODES)


def heard(*rows: tuple[str, float, float, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def aligned(table: pl.DataFrame, annotations: pl.DataFrame, **settings: object) -> AnnotatedWindows:
    labels = annotations["species_code"].drop_nulls().to_list()
    meanings = resolve_labels(labels, SPECIES, TaxonomyConfig())
    return align(table, annotations, meanings, AlignConfig(**settings))


@pytest.mark.parametrize(
    "label", ["eurwre1", "Troglodytes troglodytes", "Eurasian Wren", "eurasian wren", "EURWRE1"]
)
def test_a_label_may_be_a_code_a_scientific_or_a_common_name(label: str) -> None:
    assert resolve_labels([label], SPECIES, TaxonomyConfig()) == {label: "eurwre1"}


def test_a_label_that_means_no_class_has_no_meaning() -> None:
    assert resolve_labels(["SP", ""], SPECIES, TaxonomyConfig()) == {"SP": None, "": None}


def test_a_taxonomy_knows_the_older_code_of_a_class(tmp_path: Path) -> None:
    table = tmp_path / "older.csv"
    table.write_text(
        "species_code,English name,scientific name\n"
        "winwre4,Winter Wren,Troglodytes troglodytes\n"
        "brant,Brant,Branta bernicla\n"
    )
    found = resolve_labels(["winwre4", "brant"], SPECIES, TaxonomyConfig(tables=[table]))
    assert found == {"winwre4": "eurwre1", "brant": None}


def test_a_crosswalk_of_ones_own_says_what_a_short_name_means(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("old,new\nWREN,eurwre1\nSP,nobody\n")
    found = resolve_labels(["WREN", "SP"], SPECIES, TaxonomyConfig(crosswalk=table))
    assert found == {"WREN": "eurwre1", "SP": None}


def test_windows_have_the_classes_that_their_annotations_name() -> None:
    found = aligned(
        scores(a=2, b=1),
        heard(
            ("a.wav", 1, 2, "Eurasian Wren"),
            ("a.wav", 6, 7, "comcha1"),
            ("b.wav", 0, 5, "nocall"),
        ),
    )
    assert found.targets.tolist() == [[0, 1], [1, 0], [0, 0]]
    assert found.scores[:, 0].tolist() == [0, 1, 2]
    assert found.groups == ["/audio/a.wav", "/audio/a.wav", "/audio/b.wav"]
    assert found.unknown_labels == {}


def test_recordings_that_nobody_annotated_are_listed_and_are_no_negatives() -> None:
    found = aligned(scores(a=1, b=2), heard(("a.wav", 0, 5, "comcha1")))
    assert found.unannotated == ["/audio/b.wav"]
    assert len(found.windows) == 1
    assert found.n_left_out == 2


def test_recordings_that_nobody_annotated_count_as_empty_when_asked() -> None:
    found = aligned(scores(a=1, b=2), heard(("a.wav", 0, 5, "comcha1")), unannotated="negative")
    assert found.unannotated == ["/audio/b.wav"]
    assert found.targets.tolist() == [[1, 0], [0, 0], [0, 0]]
    assert found.n_left_out == 0


def test_labels_without_a_class_are_counted_and_never_nan() -> None:
    found = aligned(
        scores(a=1), heard(("a.wav", 0, 5, "SP"), ("a.wav", 1, 2, "SP"), ("a.wav", 1, 2, "CRER"))
    )
    assert found.unknown_labels == {"CRER": 1, "SP": 2}
    assert np.isfinite(found.targets).all()
    assert found.targets.sum() == 0


def test_annotated_recordings_that_were_not_scanned_are_listed() -> None:
    found = aligned(scores(a=1), heard(("a.wav", 0, 5, "comcha1"), ("z.wav", 0, 5, "comcha1")))
    assert found.not_scanned == ["z.wav"]


def test_only_windows_of_rows_are_known_when_rows_are_what_people_listened_to() -> None:
    rows = heard(("a.wav", 0, 5, "comcha1"), ("a.wav", 10, 15, "nocall"))
    found = aligned(scores(a=4), rows, spans="rows")
    assert found.windows["start_s"].to_list() == [0.0, 10.0]
    assert found.targets.tolist() == [[1, 0], [0, 0]]


def test_a_class_that_is_called_nocall_is_a_class() -> None:
    meanings = resolve_labels(["nocall"], [Species("nocall")], TaxonomyConfig())
    table = scores(a=1).rename({"comcha1": "nocall"}).drop("eurwre1")
    found = align(table, heard(("a.wav", 0, 5, "nocall")), meanings, AlignConfig())
    assert found.targets.tolist() == [[1]]


def test_annotations_of_other_recordings_are_an_error_that_names_both() -> None:
    with pytest.raises(MetricError, match=r"none of the 1 annotated recordings.*z\.wav.*a\.wav"):
        aligned(scores(a=1), heard(("z.wav", 0, 5, "comcha1")))


def test_a_least_overlap_is_asked_for() -> None:
    rows = heard(("a.wav", 4, 8, "comcha1"))
    assert aligned(scores(a=2), rows).targets[:, 0].tolist() == [1, 1]
    assert aligned(scores(a=2), rows, min_overlap_s=2.0).targets[:, 0].tolist() == [0, 1]
