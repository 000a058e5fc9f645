"""The notebook that installs from a pack and scans, with the internet off.

Its cells are plain Python, so that they run in any process. Source of the file's form: the notebook
format 4.5, https://nbformat.readthedocs.io/en/latest/format_description.html.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Any

from oscine.core import write_json

NOTEBOOK_FILE = "submission.ipynb"

ABOUT = """
# Scan the soundscapes, write submission.csv

Made by `oscine kaggle pack`. Add the dataset with the pack and the competition as inputs, and keep
the internet off. Where the test soundscapes are hidden, a few other recordings are scanned, to show
that it runs.
"""

SETTINGS = """
import json
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

STARTED = time.monotonic()
MINUTES = $minutes  # for all of this notebook; the scan leaves work out as far as it must
OPTIONS = ["--smoothing", ".1,.2,.4,.2,.1"]  # see `oscine scan --help`
N_SHOWN = 4  # recordings that are scanned where the test soundscapes are hidden
INPUT = Path("/kaggle/input")
WORKING = Path("/kaggle/working")
"""

FIND = """
def find(name):
    for depth in range(5):
        for path in sorted(INPUT.glob("*/" * depth + name)):
            return path
    raise FileNotFoundError(f"no {name} below {INPUT}: add it as an input")


PACK = find("oscine-pack.json").parent
TEMPLATE = find("sample_submission.csv")
COMPETITION = TEMPLATE.parent
CONTENTS = json.loads((PACK / "oscine-pack.json").read_text())
BUNDLES = [PACK / "bundles" / name for name in CONTENTS["bundles"]]


def audio(folder):
    files = (COMPETITION / folder).glob("**/*.*")
    return sorted(path for path in files if path.suffix in {".ogg", ".mp3", ".flac", ".wav"})


RECORDINGS = audio("test_soundscapes") or audio("test_audio")
if not RECORDINGS:
    print("the test soundscapes are hidden: a few other recordings show that it runs")
    for folder in ("train_soundscapes", "unlabeled_soundscapes", "train_audio"):
        RECORDINGS = RECORDINGS or audio(folder)[:N_SHOWN]
print(len(RECORDINGS), "recordings,", len(BUNDLES), "bundles,", TEMPLATE)
"""

INSTALL = """
wheels = str(PACK / "wheels")
install = ["-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheels, "oscine"]
subprocess.run([sys.executable, *install], check=True)
"""

SCAN = """
OSCINE = Path(sysconfig.get_path("scripts")) / "oscine"
left_s = 60 * MINUTES - (time.monotonic() - STARTED)
subprocess.run(
    [
        *(OSCINE, "scan", *BUNDLES, *RECORDINGS, "--out", WORKING, *OPTIONS),
        *("--format", "submission", "--sample-submission", TEMPLATE),
        *("--deadline", f"{left_s:.0f}s"),
    ],
    check=True,
)
"""

LOOK = """
with (WORKING / "submission.csv").open() as stream:
    lines = stream.read().splitlines()
print(len(lines) - 1, "rows")
for line in lines[:4]:
    print(line[:100])
"""

CELLS = {
    "settings": SETTINGS,
    "find": FIND,
    "install": INSTALL,
    "scan": SCAN,
    "look": LOOK,
}
"""The code cells by their ids, in order; below ABOUT."""


def make_notebook(minutes: float) -> dict[str, Any]:
    """Make the notebook as plain data.

    Args:
        minutes: How long it may run from its first cell on, min.
    """
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "about", "metadata": {}, "source": _lines(ABOUT)}
    ]
    for name, text in CELLS.items():
        source = _lines(Template(text).substitute(minutes=f"{minutes:g}"))
        cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
        cells.append(cell | {"execution_count": None, "outputs": []})
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _lines(text: str) -> list[str]:
    return text.strip("\n").splitlines(keepends=True)


def write_notebook(path: Path, minutes: float) -> None:
    """Write the notebook, atomically."""
    write_json(path, make_notebook(minutes))
