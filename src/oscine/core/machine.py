"""What this process may use of its machine: cores and memory, a container's limits included.

Source: the kernel's documentation of control groups, version 2 (`cpu.max`, `memory.max`) and
version 1 (`cpu.cfs_quota_us`, `memory.limit_in_bytes`).
"""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux shows control groups."""

UNLIMITED_BYTES = 1 << 60
"""Version 1 writes "no limit" as a number near 2^63."""


def available_cores(cgroups: Path = CGROUPS) -> int:
    """Count the cores that this process may use (a container's limit, not the machine's).

    Args:
        cgroups: Where control groups are shown.

    Returns:
        The cores it may run on, or the time it is given in whole cores if that is less; 1 or more.
    """
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    quota = core_quota(cgroups)
    return cores if quota is None else max(1, min(cores, math.ceil(quota)))


def core_quota(cgroups: Path = CGROUPS) -> float | None:
    """Give the processor time that control groups allow, in cores; None: no limit."""
    quotas = []
    for folder in _own_groups(cgroups):
        if words := _words(folder / "cpu.max"):
            quotas.append((words[0], words[-1]))
    old = cgroups / "cpu"
    quotas += [
        (quota, period)
        for quota in _words(old / "cpu.cfs_quota_us")
        for period in _words(old / "cpu.cfs_period_us")
    ]
    found = [int(quota) / int(period) for quota, period in quotas if quota.isdigit()]
    return min(found, default=None)


def multiplies_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Tell whether the processor has instructions for bfloat16; False where it does not say.

    Args:
        cpuinfo: Where Linux lists what the processor can do.

    Without them it is emulated, which takes up to a hundred times as long as float32.
    """
    try:
        text = cpuinfo.read_text(encoding="utf-8")
    except OSError:
        return False
    listed = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    able = {"avx512_bf16", "amx_bf16", "bf16"}
    return listed is not None and not able.isdisjoint(listed[1].split())


@dataclass(frozen=True)
class Memory:
    """Memory in bytes.

    Args:
        total: What this process may have: the machine's, or its container's limit.
        available: What of it is free now.
        limited: Whether a container's limit is what counts.
    """

    total: int
    available: int
    limited: bool


def usable_memory(cgroups: Path = CGROUPS) -> Memory | None:
    """Tell how much memory this process may use; None where the system does not say."""
    told = _machine_memory()
    if told is None:
        return None
    total, available = told
    limited = False
    for limit, used in _memory_limits(cgroups):
        if limit < total:
            total, limited = limit, True
        available = min(available, max(0, limit - used))
    return Memory(total, available, limited)


def peak_memory() -> int | None:
    """Tell the most memory that this process has had so far, bytes; None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _machine_memory() -> tuple[int, int] | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        rows = {line.partition(":")[0]: int(line.split()[1]) * 1024 for line in lines}
        return rows["MemTotal"], rows["MemAvailable"]
    except (OSError, KeyError, ValueError, IndexError):
        pass
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total = page * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
    try:
        return total, page * os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError):
        return total, total


def _memory_limits(cgroups: Path) -> Iterator[tuple[int, int]]:
    """Yield limit and use of each control group that limits memory, bytes."""
    pairs = [(folder / "memory.max", folder / "memory.current") for folder in _own_groups(cgroups)]
    old = cgroups / "memory"
    pairs.append((old / "memory.limit_in_bytes", old / "memory.usage_in_bytes"))
    for limit_file, use_file in pairs:
        limit, use = _words(limit_file), _words(use_file)
        if limit and limit[0].isdigit() and int(limit[0]) < UNLIMITED_BYTES:
            yield int(limit[0]), int(use[0]) if use else 0


def _own_groups(cgroups: Path) -> list[Path]:
    """List the control group of this process and those above it; within a container, the root."""
    lines = [line for line in _lines(Path("/proc/self/cgroup")) if line.startswith("0::/")]
    folder = cgroups / (lines[0].removeprefix("0::/") if lines else "")
    inside = folder if folder.is_dir() else cgroups
    above = [parent for parent in inside.parents if parent.is_relative_to(cgroups)]
    return [inside, *above]


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path) for word in line.split()]


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    except OSError:
        return []
