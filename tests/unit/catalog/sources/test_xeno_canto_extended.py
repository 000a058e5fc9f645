"""Xeno-Canto extended: two halves that share a table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oscine.catalog import read_catalog
from oscine.core import SourceError
from unit.catalog.published import publish


def test_the_first_letter_of_the_code_tells_the_half(tmp_path: Path) -> None:
    ids = read_catalog(publish("xeno_canto_extended", tmp_path))["recording_id"].to_list()
    assert ids == ["tiny/A-M/aldfly/XC1.mp3", "tiny/A-M/aldfly/XC2.mp3", "tiny/N-Z/norcar/XC3.mp3"]


@pytest.mark.parametrize(("gone", "left"), [("A-M", ["norcar"]), ("N-Z", ["aldfly", "aldfly"])])
def test_rows_of_a_half_that_is_not_there_are_left_out(
    gone: str, left: list[str], tmp_path: Path
) -> None:
    config = publish("xeno_canto_extended", tmp_path)
    shutil.rmtree(tmp_path / gone)
    assert read_catalog(config)["primary_label"].to_list() == left


def test_neither_half_is_an_error(tmp_path: Path) -> None:
    config = publish("xeno_canto_extended", tmp_path)
    shutil.rmtree(tmp_path / "A-M")
    shutil.rmtree(tmp_path / "N-Z")
    with pytest.raises(SourceError, match="neither A-M nor N-Z"):
        read_catalog(config)
