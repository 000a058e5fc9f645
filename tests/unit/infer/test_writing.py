from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.catalog.tables import FINDINGS, check
from oscine.core import Reason, generator
from oscine.infer.config import ScanConfig
from oscine.infer.decisions import Decisions
from oscine.infer.events import UNSCANNED, FileScores, Finding
from oscine.infer.finish import Finisher
from oscine.infer.journal import Journal
from oscine.infer.levels import Level
from oscine.infer.result import ScanResult
from oscine.infer.tables import DETECTIONS
from oscine.infer.writing import ScanTables
from synthetic import make_species

SPECIES = make_species(3)
FULL = Level((0, 1))
NAMES = [Path(f"{name}.wav") for name in "cab"]


def make_result(path: Path, n_windows: int = 4) -> FileScores:
    scores = generator(0, "scores", *str(path).encode()).random((n_windows, 2, 3))
    start_s = np.arange(n_windows, dtype=np.float64)
    levels = (FULL,) * n_windows
    return FileScores(path, start_s, start_s + 1, scores.astype(np.float32), levels, None)


def make_tables(folder: Path, **settings: object) -> ScanTables:
    folder.mkdir(exist_ok=True)
    journal = Journal(folder / "parts", "scorer", SPECIES, FULL)
    entries = {path: folder / "parts" / f"{path.stem}.parquet" for path in NAMES}
    result = ScanResult(folder, tuple(SPECIES), 0.0, 1.0, tuple(map(str, NAMES)), n_scanned=0)
    config = ScanConfig(**settings)
    decisions = Decisions(np.full(3, np.nan), ((), (), ()), ())
    return ScanTables(journal, entries, Finisher(SPECIES, decisions, config), config, result)


def test_tables_are_whole_before_anything_is_scanned(tmp_path: Path) -> None:
    tables = make_tables(tmp_path)
    tables.write()
    assert tables.result.scores().collect().shape == (0, 6)
    check(tables.result.detections(), DETECTIONS)
    check(tables.result.findings(), FINDINGS)
    assert tables.result.findings()["reason"].to_list() == ["unscanned"] * 3
    assert tables.cut_short() == {"the whole recording": 3}


@pytest.mark.parametrize("average", ["mean", "rank"])
def test_tables_written_often_are_those_written_once(tmp_path: Path, average: str) -> None:
    often, once = (make_tables(tmp_path / name, average=average) for name in ("often", "once"))
    for path in NAMES[::-1]:
        often.add(make_result(path))
        often.write()
        once.add(make_result(path))
    once.write()
    for name in ("scores.parquet", "detections.parquet", "findings.parquet"):
        written = (tmp_path / "often" / name).read_bytes()
        assert written == (tmp_path / "once" / name).read_bytes()
    scores = once.result.scores().collect()
    assert scores["filepath"].unique(maintain_order=True).to_list() == list(map(str, NAMES))


def test_ranks_are_among_the_windows_of_the_whole_scan(tmp_path: Path) -> None:
    tables = make_tables(tmp_path, average="rank")
    for path in NAMES:
        tables.add(make_result(path))
    tables.write()
    ranks = tables.result.scores().collect().select("spec0", "spec1", "spec2").to_numpy()
    members = np.concatenate([make_result(path).scores for path in NAMES])
    below = (members[:, None] > members[None]).sum(axis=1)
    expected = (below + 0.5).mean(axis=1) / len(members)
    # Twelve windows: a rank is exact to where in its bin the score lies, one window of twelve.
    np.testing.assert_allclose(ranks, expected, atol=0.5 / 12 + 1e-6)


def test_what_a_recording_gives_later_replaces_what_it_gave(tmp_path: Path) -> None:
    tables = make_tables(tmp_path)
    path = NAMES[0]
    tables.add(replace(make_result(path, 2), finding=UNSCANNED))
    tables.write()
    assert len(tables.result.scores().collect()) == 2
    assert tables.cut_short() == {"the whole recording": 2, "the end of the recording": 1}
    tables.add(make_result(path, 4))
    tables.write()
    expected = tables.finish(make_result(path, 4)).scores
    assert tables.result.scores().collect().equals(expected)
    assert tables.cut_short() == {"the whole recording": 2}


def test_recordings_of_the_journal_are_taken_in_as_they_stand(tmp_path: Path) -> None:
    first = make_tables(tmp_path)
    for path in NAMES[:2]:
        first.add(make_result(path))
    first.write()
    again = make_tables(tmp_path)
    again.read(NAMES)
    again.write()
    assert set(again.levels) == set(NAMES[:2])
    assert len(again.result.scores().collect()) == 8


def test_a_recording_that_breaks_off_is_a_finding_beside_its_scores(tmp_path: Path) -> None:
    tables = make_tables(tmp_path)
    finding = Finding(Reason.TRUNCATED, "it ends early")
    for path in NAMES:
        tables.add(replace(make_result(path), finding=finding if path == NAMES[1] else None))
    tables.write()
    found = tables.result.findings()
    assert found.select("filepath", "reason", "quarantined").rows() == [
        ("a.wav", "truncated", False)
    ]
    assert tables.cut_short() == {}


def test_nothing_but_tables_and_the_journal_is_left(tmp_path: Path) -> None:
    tables = make_tables(tmp_path)
    tables.add(make_result(NAMES[0]))
    tables.write()
    tables.close()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"scores.parquet", "detections.parquet", "findings.parquet", "parts"}
    assert isinstance(pl.read_parquet(tmp_path / "scores.parquet"), pl.DataFrame)
