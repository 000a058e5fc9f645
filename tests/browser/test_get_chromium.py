"""The script that gets the browser says what it did, and never fails."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "get_chromium.sh"
TOOLS = ("bash", "env", "grep", "mktemp", "rm", "tail", "timeout")


def said(folder: Path, **fakes: str) -> str:
    """What the script prints where there are the plainest tools, and these."""
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    for name, body in fakes.items():
        tool = folder / name.replace("_", "-")
        tool.write_text(f"#!/bin/sh\n{body}\n")
        tool.chmod(0o755)
    command = [str(folder / "bash"), str(SCRIPT)]
    result = subprocess.run(
        command, env={"PATH": str(folder)}, capture_output=True, text=True, check=True
    )
    assert not result.stderr
    return result.stdout


def test_a_browser_that_is_there_is_taken(tmp_path: Path) -> None:
    assert said(tmp_path, chromium="exit 1", apt_get="exit 1") == (
        f"browser tests: {tmp_path}/chromium is here\n"
    )


@pytest.mark.parametrize(
    ("fakes", "debian"),
    [
        ({}, "this is not Debian"),
        ({"apt_get": "exit 0", "id": "echo 1000"}, "no right to install it"),
        ({"apt_get": "echo no route to the mirror; exit 100", "id": "echo 0"}, "no route"),
    ],
    ids=["no apt-get", "no right", "no network"],
)
def test_what_stands_in_the_way_is_said(tmp_path: Path, fakes: dict[str, str], debian: str) -> None:
    printed = said(tmp_path, **fakes)
    assert "will be skipped" in printed
    is_debian = "\nID=debian\n" in f"\n{Path('/etc/os-release').read_text()}\n"
    assert debian in printed if is_debian else "this is not Debian" in printed
