from __future__ import annotations

import itertools
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from oscine.core import Reason
from oscine.infer.events import UNSCANNED, FileScores, Finding
from oscine.infer.journal import Journal
from oscine.infer.levels import Level
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
    assert read is not None
    assert (read.path, read.levels, read.finding) == (Path("called/now.wav"), written.levels, None)
    np.testing.assert_array_equal(read.between(0, 3), written.scores)
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
    assert read is not None
    assert read.levels == levels
    np.testing.assert_array_equal(read.between(0, 3), scores)
    np.testing.assert_array_equal(read.between(1, 2), scores[1:2])


LESS = Level((1,))


def make_less(path: Path, n_windows: int) -> FileScores:
    """A recording that the first bundle did not hear, nor the second at shifts."""
    whole = make_result(path, n_windows)
    scores = whole.scores.copy()
    scores[:, 0] = np.nan
    return replace(whole, scores=scores, levels=(LESS,) * n_windows)


def test_a_recording_is_finished_only_with_all_that_was_asked_for(
    journal: Journal, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    entry = entry_of(journal, path)
    steps = [
        (replace(make_less(path, 2), finding=UNSCANNED), (False, False)),
        (make_less(path, 3), (False, True)),
        (make_result(path, 3), (True, True)),
    ]
    for result, expected in steps:
        journal.add(entry, result)
        assert (journal.is_finished(entry), journal.is_whole(entry)) == expected
        read = journal.read(entry, path)
        assert read is not None
        assert (read.levels, read.is_cut_short) == (result.levels, result.is_cut_short)
        np.testing.assert_array_equal(read.between(0, len(result.scores)), result.scores)
    assert len(list(journal.folder.iterdir())) == 1


def test_what_was_cut_short_does_not_hide_what_is_whole(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    whole = make_less(tmp_path / "a.wav", 3)
    journal.add(entry, whole)
    journal.add(entry, replace(make_result(tmp_path / "a.wav", 1), finding=UNSCANNED))
    read = journal.read(entry, tmp_path / "a.wav")
    assert read is not None
    assert read.levels == whole.levels


def stretches(result: FileScores, *ends: int) -> list[FileScores]:
    """Cut a recording's scores at windows."""
    bounds = [0, *ends, len(result.scores)]
    return [
        replace(
            result,
            start_s=result.start_s[low:high],
            end_s=result.end_s[low:high],
            scores=result.scores[low:high],
            levels=result.levels[low:high],
            is_last=high == bounds[-1],
        )
        for low, high in itertools.pairwise(bounds)
    ]


def test_stretches_of_a_recording_are_the_recording(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    entry, whole = entry_of(journal, path), make_result(path, 9)
    journal.add(entry, whole)
    expected = entry.read_bytes()
    entry.unlink()
    for stretch in stretches(whole, 4, 5):
        assert journal.read(entry, path) is None
        journal.add(entry, stretch)
    assert entry.read_bytes() == expected
    assert list(journal.folder.iterdir()) == [entry]


def test_a_recording_under_way_can_stand_as_cut_short(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    entry, whole = entry_of(journal, path), make_result(path, 9)
    first, second, last = stretches(whole, 4, 5)
    journal.add(entry, first)
    journal.add(entry, second)
    journal.keep(entry)
    kept = journal.read(entry, path)
    assert kept is not None
    assert (len(kept.start_s), kept.is_cut_short) == (5, True)
    journal.add(entry, last)
    finished = journal.read(entry, path)
    assert finished is not None
    assert (len(finished.start_s), finished.is_cut_short) == (9, False)


def test_nothing_is_left_of_a_recording_that_is_dropped(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    for stretch in stretches(make_result(tmp_path / "a.wav", 9), 4, 5)[:2]:
        journal.add(entry, stretch)
    journal.drop(entry)
    assert not journal.is_under_way(entry)
    assert list(journal.folder.iterdir()) == []


def test_what_a_killed_scan_left_of_a_recording_is_deleted(
    journal: Journal, tmp_path: Path
) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    for stretch in stretches(make_result(tmp_path / "a.wav", 9), 4, 5)[:2]:
        journal.add(entry, stretch)
    assert len(list(journal.folder.iterdir())) == 1
    Journal(journal.folder, "scorer", journal.species, FULL)
    assert list(journal.folder.iterdir()) == []


def test_a_recording_without_scores_stays_unfinished(journal: Journal, tmp_path: Path) -> None:
    entry = entry_of(journal, tmp_path / "a.wav")
    finding = Finding(Reason.UNREADABLE, "no decoder can open it")
    journal.add(entry, make_result(tmp_path / "a.wav", 0, finding))
    assert not journal.is_whole(entry)
    assert journal.read(entry, tmp_path / "a.wav") is None
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
