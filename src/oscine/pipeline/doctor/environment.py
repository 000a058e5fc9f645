"""Python, the installed packages and the extras that they make up, texts and file names."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from oscine import __version__
from oscine.pipeline.doctor.diagnosis import Diagnosis, ok, problem, warning

USES = {
    "train": "oscine run, fit, evaluate, bundle, report",
    "serve": "oscine serve",
    "download": "oscine download",
    "remote": "gs://, s3:// and https:// paths",
    "notebook": "to_pandas()",
}
"""What each extra is for."""

NAMED = ("numpy", "polars", "soundfile", "onnxruntime", "torch", "timm", "lightning")
"""Packages whose versions are said."""


def packages(wanted: Collection[str] = ()) -> Iterator[Diagnosis]:
    """Look at Python and at the packages of each extra.

    Args:
        wanted: Extras that the recipe needs.
    """
    versions = ", ".join(
        f"{name} {found}" for name in NAMED if (found := installed_version(name)) is not None
    )
    yield ok("python", f"Python {platform.python_version()}, oscine {__version__}, {versions}")
    needs = _requirements()
    if needs is None:
        yield warning(
            "packages",
            "oscine itself is not installed as a package, so its requirements are unknown",
            "pip install oscine",
        )
        return
    for extra in ("", *USES):
        yield from _extra(extra, needs.get(extra, {}), extra in {"", *wanted})


def _extra(extra: str, needs: Mapping[str, str], wanted: bool) -> Iterator[Diagnosis]:
    """Say which packages of an extra are missing or too old."""
    install = f"pip install 'oscine[{extra}]'" if extra else "pip install oscine"
    what = f"the extra {extra} ({USES[extra]})" if extra else "the light install"
    found = {name: installed_version(name) for name in needs}
    missing = [name for name, version in found.items() if version is None]
    old = [
        f"{name} {version} (needs {needs[name]})"
        for name, version in found.items()
        if version is not None and _numbers(version) < _numbers(needs[name])
    ]
    topic = f"extra {extra}" if extra else "packages"
    if missing and wanted:
        yield problem(topic, f"{what} lacks {', '.join(missing)}", install)
    elif len(missing) == len(needs):
        yield ok(topic, f"{what} is not installed; to have it: {install}")
    elif missing:  # no fault: extras share packages
        lacks = f"{what} lacks {', '.join(missing)}"
        yield ok(topic, f"{lacks}; to have it: {install}")
    else:
        yield ok(topic, f"{what} is complete")
    if old:
        yield warning(topic, f"older than {what} needs: {', '.join(old)}", f"{install} --upgrade")


def installed_version(package: str) -> str | None:
    """Give a package's version; None: it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _requirements() -> dict[str, dict[str, str]] | None:
    """Give the least version of each requirement by extra, the light install under ''."""
    try:
        lines = importlib.metadata.requires("oscine") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in lines:
        extra = re.search(r"extra == ['\"](\w+)['\"]", line)
        if stated := re.match(r"([\w.-]+)>=([\w.]+)", line.replace(" ", "")):
            found[extra[1] if extra else ""][stated[1]] = stated[2]
    return dict(found)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


def texts() -> Iterator[Diagnosis]:
    """Look whether names with accents can be printed, and used for files."""
    encodings = {sys.getfilesystemencoding(), getattr(sys.stdout, "encoding", None) or "utf-8"}
    other = sorted(name for name in encodings if name.lower().replace("-", "") != "utf8")
    if other:
        yield warning(
            "texts",
            f"texts are written as {', '.join(other)}: names with accents become marks or errors",
            "set PYTHONUTF8=1, or a UTF-8 locale such as LANG=C.UTF-8",
        )
    else:
        yield ok("texts", "file names and terminal are UTF-8")
    try:
        with tempfile.TemporaryDirectory(prefix="oscine-") as name:
            (Path(name) / "Grünspecht.txt").write_text("ä", encoding="utf-8")
    except (OSError, UnicodeError) as error:
        yield problem(
            "texts",
            f"no temporary file can be made: {error}",
            "set TMPDIR to a folder that you may write to, and a UTF-8 locale",
        )
