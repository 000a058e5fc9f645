"""Run benchmarks and write docs/benchmarks.md: the figures, with the machine they are of.

A benchmark that is named has its part of the page written again, the other parts stay; without a
name all are run but `peers`, which needs environments of other libraries: run_all.py never makes
them, `benchmarks/peers.py --install` does. `NAME=FILE` takes what the benchmark has printed on this
machine today.

    python benchmarks/run_all.py [NAME[=FILE] ...]
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from oscine.core import available_cores, write_text

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
NAMES = ("catalog", "decode", "features", "fit", "scan", "soundscapes", "memory")
"""Benchmarks that `make bench` runs, in the order of the page."""
PEERS = "peers"
"""The one that needs more than oscine's own environment; last on the page."""
INTRODUCTION = """\
# Benchmarks

Written by `make bench`, the part on peers by `python benchmarks/run_all.py peers`. Each speed is a
ratio within one run, whose sides take turns, so that a slow or busy machine moves it little.

"""
HEADING = "## `benchmarks/{}.py`"


def cpu_name() -> str:
    """Find the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def run(name: str) -> str:
    """Run one benchmark and give what it prints."""
    command = [sys.executable, str(HERE / f"{name}.py")]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def part(name: str, printed: str) -> str:
    """Make a benchmark's part of the page of what it printed."""
    lines = printed.strip().splitlines()
    figures = json.loads(lines[-1])
    about = (HERE / f"{name}.py").read_text(encoding="utf-8").split('"""')[1].strip()
    rows = [f"| `{key}` | {value:.3g} |" for key, value in figures.items()]
    table = "\n".join(["| figure | value |", "|---|---|", *rows])
    detail = "\n".join(lines[:-1])
    machine = f"{available_cores()} cores of {cpu_name()}, Python {platform.python_version()}"
    load = f"load average {os.getloadavg()[1]:.1f}"
    return (
        f"{HEADING.format(name)}\n\n{about.splitlines()[0]}\n\n"
        f"{machine}, {datetime.now(UTC):%Y-%m-%d}, {load}.\n\n{table}\n\n```text\n{detail}\n```\n"
    )


def parts(page: str) -> dict[str, str]:
    """Take a page apart: the part of each benchmark, by name."""
    names = "|".join((*NAMES, PEERS))
    found = re.split(rf"^(?=## `benchmarks/(?:{names})\.py`$)", page, flags=re.MULTILINE)[1:]
    return {part.partition("/")[2].partition(".")[0]: part.rstrip("\n") + "\n" for part in found}


def main() -> None:
    """Run the named benchmarks, or all but the peers, and write their parts of the page."""
    page = parts(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    for argument in sys.argv[1:] or NAMES:
        name, _, file = argument.partition("=")
        page[name] = part(name, Path(file).read_text(encoding="utf-8") if file else run(name))
        print(page[name], flush=True)
        ordered = [page[one] for one in (*NAMES, PEERS) if one in page]
        write_text(PAGE, INTRODUCTION + "\n".join(ordered))


if __name__ == "__main__":
    main()
