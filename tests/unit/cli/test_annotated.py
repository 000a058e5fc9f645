from __future__ import annotations

from pathlib import Path

import pytest

from oscine.cli.annotated import annotated_scan
from oscine.core import ConfigError


def test_the_options_become_what_they_say(tmp_path: Path) -> None:
    asked = annotated_scan(
        (Path("scan"), Path("labels.csv"), Path("bundle")),
        (1.5, "rows", "negative"),
        ("Species", [Path("ebird.csv")], Path("own.csv")),
    )
    assert (asked.scan, asked.annotations, asked.bundle) == (
        Path("scan"),
        Path("labels.csv"),
        Path("bundle"),
    )
    assert asked.alignment.to_plain() == {
        "min_overlap_s": 1.5,
        "spans": "rows",
        "unannotated": "negative",
    }
    assert asked.label_column == "Species"
    assert asked.taxonomy.paths == (Path("ebird.csv"), Path("own.csv"))


def test_the_scores_of_a_scan_stand_for_its_folder(tmp_path: Path) -> None:
    scores = tmp_path / "scores.parquet"
    scores.touch()
    places = (scores, Path("labels.csv"), None)
    asked = annotated_scan(places, (0.0, "recording", "leave_out"), (None, None, None))
    assert asked.scan == tmp_path


def test_an_impossible_overlap_is_a_typed_error() -> None:
    places = (Path("scan"), Path("labels.csv"), None)
    with pytest.raises(ConfigError, match="min_overlap_s"):
        annotated_scan(places, (-1.0, "recording", "leave_out"), (None, None, None))
