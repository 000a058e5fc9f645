"""The workshop: one folder in which the tutorial was run, and where the other pages are tried."""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.documents import TUTORIAL, Block, blocks


@dataclass(frozen=True)
class Workshop:
    """Runs the blocks of a page as a reader would.

    Args:
        folder: Where the reader stands.
    """

    folder: Path

    def run_page(self, page: str) -> None:
        """Run every block of a page that is not marked, in order."""
        for block in blocks(page):
            if block.not_run is None:
                self._run(block)

    def _run(self, block: Block) -> None:
        if first := block.remarks.get("tests first"):
            self._bash(f"{block}: {first}", first)
        if block.file_name is not None:
            (self.folder / block.file_name).write_text(block.text, encoding="utf-8")
        elif block.language == "python" and block.place is None:
            self._call(str(block), [sys.executable, "-c", block.text])
        elif block.language == "console":
            added = block.remarks.get("tests add", "")
            for typed, said in block.commands():
                command = f"{typed} {added}" if typed.startswith("oscine run ") else typed
                printed = self._bash(f"{block}: {command}", command)
                for line in said:
                    assert _occurs(line, printed), f"{block}: {command}\n{line}\n---\n{printed}"

    def _bash(self, where: str, command: str) -> str:
        return self._call(where, ["bash", "-euo", "pipefail", "-c", command])

    def _call(self, where: str, command: list[str]) -> str:
        # The scripts of this environment come first; a terminal is wide and has no colours.
        scripts = sysconfig.get_path("scripts")
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }
        environment.pop("FORCE_COLOR", None)
        result = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"{where}\n{result.stdout}\n{result.stderr}"
        return result.stdout + result.stderr


def _occurs(line: str, printed: str) -> bool:
    """Tell whether a line of a page is among the lines printed, spaces aside."""
    pattern = " ".join(line.replace("[", "[[]").split()).replace("...", "*")
    return any(fnmatch.fnmatchcase(" ".join(one.split()), pattern) for one in printed.splitlines())


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A folder in which every command of the tutorial was run, and went well."""
    place = Workshop(tmp_path_factory.mktemp("workshop"))
    place.run_page(TUTORIAL)
    return place
