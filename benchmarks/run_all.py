"""Run every benchmark and write docs/benchmarks.md: the figures, with the machine they are of.

python benchmarks/run_all.py [NAME ...]
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

from oscine.core import available_cores, write_text

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
NAMES = ("catalog", "decode", "features", "fit", "scan")
"""Benchmarks, in the order of the page."""


def cpu_name() -> str:
    """Find the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def run(name: str) -> str:
    """Run one benchmark and give its part of the page."""
    path = HERE / f"{name}.py"
    done = subprocess.run(
        [sys.executable, str(path)], stdout=subprocess.PIPE, text=True, check=True
    )
    lines = done.stdout.strip().splitlines()
    figures = json.loads(lines[-1])
    about = path.read_text(encoding="utf-8").split('"""')[1].strip()
    rows = [f"| `{key}` | {value:.3g} |" for key, value in figures.items()]
    table = "\n".join(["| figure | value |", "|---|---|", *rows])
    detail = "\n".join(lines[:-1])
    return (
        f"## `benchmarks/{name}.py`\n\n{about.splitlines()[0]}\n\n{table}\n\n"
        f"```text\n{detail}\n```\n"
    )


def main() -> None:
    """Run the named benchmarks, or all, and write the page when all were run."""
    names = sys.argv[1:] or list(NAMES)
    parts = [run(name) for name in names]
    machine = f"{available_cores()} cores of {cpu_name()}, Python {platform.python_version()}"
    page = "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`. Each figure is a ratio of two medians of one run, so that a",
            "slow or busy machine moves it little.",
            "",
            f"Machine: {machine}.",
            "",
            *parts,
        ]
    )
    if names == list(NAMES):
        write_text(PAGE, page)
    print(page)


if __name__ == "__main__":
    main()
