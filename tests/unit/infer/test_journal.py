from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from oscine.core import Reason
from oscine.infer.journal import Journal
from oscine.infer.levels import Level
from oscine.infer.scoring import FileScores, Finding
from synthetic import make_species

FULL = Level(members=(0, 1), shifts=(-5, 5))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "parts", "scorer", make_species(2), FULL)


def entry_of(journal: Journal, path: Path) -> Path:
    return journal.entries([path])[path]


def make_result(path: Path, n_windows: int, finding: Finding | None = None) -> FileScores:
    start_s = np.arange(n_windows, dtype=np.float64)
    scores = np.linspace(0, 1, n_windows * 4, dtype=np.float32).reshape(n_windows, 2, 2)
    return FileScores(path, start_s, start_s + 1, scores, (FULL,) * n_windows, finding)


def test_scores_read_back_under_the_name_of_now(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    written = make_result(tmp_path / "a.wav", 3)
    journal.add(entry, written)
    read = journal.read(entry, Path("called/now.wav"))
    assert (read.path, read.levels, read.finding) == (Path("called/now.wav"), written.levels, None)
    np.testing.assert_array_equal(read.scores, written.scores)
    np.testing.assert_array_equal(read.start_s, written.start_s)
    np.testing.assert_array_equal(read.end_s, written.end_s)


def test_windows_say_what_was_done_for_each(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    whole = make_result(tmp_path / "a.wav", 3)
    levels = (FULL, Level((1,), (5,)), Level((1,), (), stride=2))
    scores = whole.scores.copy()
    scores[1:, 0] = np.nan
    scores[0, 0, 1] = np.nan  # a class that the first bundle does not know
    journal.add(entry, replace(whole, scores=scores, levels=levels))
    read = journal.read(entry, tmp_path / "a.wav")
    assert read.levels == levels
    np.testing.assert_array_equal(read.scores, scores)


def test_a_recording_without_scores_stays_unfinished(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    finding = Finding(Reason.UNREADABLE, "no decoder can open it")
    journal.add(entry, make_result(tmp_path / "a.wav", 0, finding))
    assert not entry.exists()
    assert journal.finding(entry) == finding


def test_a_later_success_clears_the_finding(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    journal.add(entry, make_result(tmp_path / "a.wav", 0, Finding(Reason.MISSING, "no file")))
    journal.add(entry, make_result(tmp_path / "a.wav", 1))
    assert journal.finding(entry) is None


def test_an_entry_follows_the_files_content_and_the_scorer(
    journal: Journal, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    entries = [entry_of(journal, path)]
    path.write_bytes(b"1")
    entries.append(entry_of(journal, path))
    path.write_bytes(b"12")
    entries.append(entry_of(journal, path))
    os.utime(path, (1, 1))
    entries.append(entry_of(journal, path))
    entries.append(entry_of(Journal(journal.folder, "other", journal.species, FULL), path))
    assert len(set(entries)) == 5
    assert entry_of(journal, path) == entries[3]
