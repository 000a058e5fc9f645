from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from oscine.core import Reason
from oscine.infer.journal import Journal
from oscine.infer.scoring import FileScores, Finding
from synthetic import make_species


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "parts", "scorer", make_species(2))


def entry_of(journal: Journal, path: Path) -> Path:
    return journal.entries([path])[path]


def make_result(path: Path, n_windows: int, finding: Finding | None = None) -> FileScores:
    start_s = np.arange(n_windows, dtype=np.float64)
    scores = np.full((n_windows, 2), 0.25, dtype=np.float32)
    return FileScores(path, start_s, start_s + 1, scores, finding)


def test_scores_read_back(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    journal.add(entry, make_result(tmp_path / "a.wav", 3))
    table = journal.scores(entry, Path("called/now.wav"))
    assert table["filepath"].unique().to_list() == ["called/now.wav"]
    assert table["spec1"].to_list() == [0.25] * 3
    assert journal.finding(entry) is None


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
    entries.append(entry_of(Journal(journal.folder, "other", journal.species), path))
    assert len(set(entries)) == 5
    assert entry_of(journal, path) == entries[3]
