from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from oscine.infer import spool
from oscine.infer.spool import Spool

FORM = [("place", np.uint32), ("scores", np.float32, (3,))]


def make_records(first: int, n: int) -> np.ndarray:
    records = np.zeros(n, dtype=FORM)
    records["place"] = np.arange(first, first + n)
    records["scores"] = records["place"][:, None] / [1, 2, 3]
    return records


def read(held: Spool, *names: str) -> list[tuple[str, np.ndarray]]:
    """What recordings have, each in one piece."""
    found: dict[str, list[np.ndarray]] = {}
    for name, records in chain(*held.read(map(Path, names))):
        found.setdefault(str(name), []).append(records)
    return [(name, np.concatenate(blocks)) for name, blocks in found.items()]


@pytest.mark.parametrize("at_once", [1, 4, 1000])
def test_recordings_read_back_whole_and_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(spool, "BYTES_AT_ONCE", at_once * np.dtype(FORM).itemsize)
    held = Spool(tmp_path / "rows", FORM)
    records = {name: make_records(10 * n, n) for name, n in {"a": 3, "b": 10, "c": 1}.items()}
    for name, one in records.items():
        held.add(Path(name), [one])
    assert [name for name, _ in read(held, *"cab")] == ["c", "a", "b"]
    for name, one in read(held, *"cab"):
        np.testing.assert_array_equal(one, records[name])
    blocks = list(held.read(map(Path, "cab")))
    assert max(sum(len(one) for _, one in block) for block in blocks) <= at_once
    assert len(blocks) == {1: 14, 4: 4, 1000: 1}[at_once]
    assert held.count(map(Path, "ac")) == 4


def test_a_recording_comes_in_blocks_and_is_replaced_as_a_whole(tmp_path: Path) -> None:
    held = Spool(tmp_path / "rows", FORM)
    held.add(Path("a"), [make_records(0, 2), make_records(2, 5)])
    ((_, records),) = read(held, "a")
    np.testing.assert_array_equal(records, make_records(0, 7))
    held.add(Path("a"), [make_records(9, 1)])
    ((_, records),) = read(held, "a")
    np.testing.assert_array_equal(records, make_records(9, 1))


def test_a_recording_may_have_no_records(tmp_path: Path) -> None:
    held = Spool(tmp_path / "rows", FORM)
    held.add(Path("a"), [])
    assert list(held.read([Path("a")])) == []


def test_what_was_forgotten_is_gone(tmp_path: Path) -> None:
    held = Spool(tmp_path / "rows", FORM)
    held.add(Path("a"), [make_records(0, 2)])
    held.clear()
    held.add(Path("b"), [make_records(5, 1)])
    ((_, records),) = read(held, "b")
    np.testing.assert_array_equal(records, make_records(5, 1))
    assert (tmp_path / "rows").stat().st_size == make_records(5, 1).nbytes


def test_nothing_is_left_and_what_a_killed_scan_left_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"left")
    held = Spool(tmp_path / "rows", FORM)
    held.add(Path("a"), [make_records(0, 2)])
    ((_, records),) = read(held, "a")
    np.testing.assert_array_equal(records, make_records(0, 2))
    held.close()
    assert not list(tmp_path.iterdir())
