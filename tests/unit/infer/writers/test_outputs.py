from __future__ import annotations

from pathlib import Path

import pytest

from oscine.core import ScanError, write_json
from oscine.infer.writers.outputs import check_outputs, output


def write(folder: Path, text: str, name: str = "a.csv") -> None:
    with output(folder, name) as partial:
        partial.write_text(text, encoding="utf-8")


def test_an_output_replaces_itself_as_often_as_one_likes(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        write(tmp_path, text)
        assert (tmp_path / "a.csv").read_text(encoding="utf-8") == text


def test_a_scan_killed_between_ledger_and_file_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "one")
    before = (tmp_path / "a.csv").read_bytes()
    write(tmp_path, "two")
    (tmp_path / "a.csv").write_bytes(before)
    write(tmp_path, "three")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "three"


def test_a_file_that_somebody_put_into_an_output_folder_is_named(tmp_path: Path) -> None:
    with output(tmp_path, "raven") as partial:
        (partial / "deep").mkdir(parents=True)
        (partial / "deep" / "a.txt").write_text("ours", encoding="utf-8")
    check_outputs(tmp_path, ["raven"])
    (tmp_path / "raven" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ScanError, match=r"is not ours \(.*raven/notes\.txt\)"):
        check_outputs(tmp_path, ["raven"])


def test_a_copied_folder_can_be_written_to(tmp_path: Path) -> None:
    write(tmp_path / "out", "one")
    (tmp_path / "out").rename(tmp_path / "moved")
    write(tmp_path / "moved", "two")
    assert (tmp_path / "moved" / "a.csv").read_text(encoding="utf-8") == "two"


def test_what_is_not_there_is_no_obstacle(tmp_path: Path) -> None:
    write_json(tmp_path / "outputs.json", {"a.csv": ["0" * 32]})
    check_outputs(tmp_path, ["a.csv", "raven"])
    check_outputs(tmp_path / "nowhere", ["a.csv"])
