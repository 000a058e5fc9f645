from __future__ import annotations

import pytest

from oscine.core import (
    available_cores,
    core_quota,
    multiplies_bfloat16,
    peak_memory,
    usable_memory,
)

LARGE = 1 << 62


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="ascii")


def test_there_is_at_least_one_core():
    assert available_cores() >= 1


@pytest.mark.parametrize(("words", "quota"), [("150000 100000\n", 1.5), ("max 100000\n", None)])
def test_the_quota_of_a_control_group_is_in_cores(tmp_path, words, quota):
    write(tmp_path, cpu__max=words)
    assert core_quota(tmp_path) == quota


def test_the_quota_of_an_old_control_group_is_read_too(tmp_path):
    write(tmp_path / "cpu", cpu__cfs_quota_us="50000\n", cpu__cfs_period_us="100000\n")
    assert core_quota(tmp_path) == 0.5


def test_an_old_control_group_without_limit_has_no_quota(tmp_path):
    write(tmp_path / "cpu", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    assert core_quota(tmp_path) is None


def test_a_quota_below_the_cores_is_what_counts_in_whole_cores(tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    write(tmp_path, cpu__max="250000 100000\n")
    assert available_cores(tmp_path) == 3


def test_a_quota_above_the_cores_changes_nothing(tmp_path):
    write(tmp_path, cpu__max="99900000 100000\n")
    assert available_cores(tmp_path) == available_cores(tmp_path / "absent")


def test_without_limits_memory_is_the_machines():
    memory = usable_memory()
    assert memory is not None
    assert 0 < memory.available <= memory.total


def test_a_containers_limit_is_what_counts(tmp_path):
    write(tmp_path, memory__max=str(64 << 20), memory__current=str(24 << 20))
    memory = usable_memory(tmp_path)
    assert memory is not None
    assert memory.limited
    assert (memory.total, memory.available) == (64 << 20, 40 << 20)


def test_an_old_control_group_limits_memory_too(tmp_path):
    write(tmp_path / "memory", **{"memory__limit_in_bytes": str(32 << 20)})
    memory = usable_memory(tmp_path)
    assert memory is not None
    assert memory.total == 32 << 20


@pytest.mark.parametrize("limit", ["max", str(LARGE)])
def test_no_limit_is_no_limit(tmp_path, limit):
    write(tmp_path, memory__max=limit)
    memory = usable_memory(tmp_path)
    assert memory is not None
    assert not memory.limited


@pytest.mark.parametrize(
    ("told", "able"),
    [
        ("processor\t: 0\nflags\t\t: fpu sse avx512_bf16\n", True),
        ("processor\t: 0\nFeatures\t: fp asimd bf16 i8mm\n", True),
        ("processor\t: 0\nflags\t\t: fpu sse avx512f\nbugs\t: bf16\n", False),
        ("", False),
    ],
    ids=["x86", "ARM", "without", "silent"],
)
def test_a_processor_says_whether_it_multiplies_bfloat16(tmp_path, told, able):
    (tmp_path / "cpuinfo").write_text(told)
    assert multiplies_bfloat16(tmp_path / "cpuinfo") is able


def test_where_no_processor_is_listed_bfloat16_is_not_expected(tmp_path):
    assert not multiplies_bfloat16(tmp_path / "absent")


def test_peak_memory_grows_with_what_is_held():
    before = peak_memory()
    held = bytearray(b"x") * (before + (64 << 20))
    assert peak_memory() >= before + (60 << 20)
    del held
