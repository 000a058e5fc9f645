"""The wheels that the light install needs on another machine, fetched by pip.

pip judges the conditions of dependencies (`; python_version < "3.11"`) by the Python that it runs
on, not by the one that is asked for. So what it fetched is checked afterwards, and what is missing
on the other machine is fetched too.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from oscine.core import PackError
from oscine.deploy.own_wheel import NAME, write_own_wheel

GLIBC_MINORS = range(17, 36)
"""Wheels for glibc 2.17 to 2.35 run on Kaggle's machines (Ubuntu 22.04)."""

MAX_ROUNDS = 5


def fetch_wheels(folder: Path, python: str, machine: str) -> list[Path]:
    """Fetch oscine's wheel and those of its light dependencies.

    Args:
        folder: Where they shall stand.
        python: Version of the other machine's Python, such as 3.11.
        machine: Its processor, such as x86_64; its system is Linux.

    Returns:
        The wheels, by name.

    Raises:
        PackError: pip is missing or failed, or a dependency has no wheel for that machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [str(write_own_wheel(folder))]
    for _ in range(MAX_ROUNDS):
        _download(wanted, folder, python, machine)
        wanted = missing_requirements(folder, python, machine)
        if not wanted:
            return sorted(folder.glob("*.whl"))
    raise PackError(
        f"the wheels do not fit together: {', '.join(wanted)} lack",
        where=folder,
        fix=f"pack with Python {python}, the version that the wheels are for",
    )


def _download(wanted: list[str], folder: Path, python: str, machine: str) -> None:
    tags = [f"manylinux_2_{minor}_{machine}" for minor in reversed(GLIBC_MINORS)]
    platforms = [
        part for tag in [*tags, f"manylinux2014_{machine}"] for part in ("--platform", tag)
    ]
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--dest", str(folder), "--only-binary", ":all:"),
        *("--implementation", "cp", "--python-version", python, *platforms),
        *wanted,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise PackError(
            f"pip could not fetch the wheels: {lines[-1] if lines else 'it said nothing'}",
            where=" ".join(wanted),
            fix="packing needs pip and a network, and wheels for "
            f"Python {python} on Linux {machine}",
        )


def missing_requirements(folder: Path, python: str, machine: str) -> list[str]:
    """List what the wheels in a folder require on another machine, and the folder lacks.

    Args:
        folder: Wheels, oscine's among them.
        python: Version of the other machine's Python.
        machine: Its processor; its system is Linux.

    Returns:
        Requirements without conditions, such as `tomli>=2`, sorted.
    """
    here = {}
    for path in folder.glob("*.whl"):
        name, version, _, _ = parse_wheel_filename(path.name)
        here[name] = (path, version)
    waiting, seen, missing = [(canonicalize_name(NAME), "")], set(), set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen or name not in here:
            continue
        seen.add((name, extra))
        for one in _requirements(here[name][0], python, machine, extra):
            needed = canonicalize_name(one.name)
            found = here.get(needed)
            if found is None or not one.specifier.contains(found[1], prereleases=True):
                missing.add(f"{one.name}{one.specifier}")
            waiting += [(needed, extra) for extra in ("", *one.extras)]
    return sorted(missing)


def _requirements(wheel: Path, python: str, machine: str, extra: str) -> Iterator[Requirement]:
    environment = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
        "extra": extra,
    }
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    for text in headers.get_all("Requires-Dist", []):
        one = Requirement(text)
        if one.marker is None or one.marker.evaluate(environment):
            yield one


def describe(wheels: list[Path]) -> list[dict[str, str | int]]:
    """List wheels by name, with size in bytes and SHA-256, as package indexes give it."""
    return [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in wheels
    ]
