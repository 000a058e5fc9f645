"""The wheel of the oscine that runs, made from its installed files.

A user has no source tree, and a tree that is installed to be edited has no installed files but
these: so the package's folder and the installed metadata are the one source that is always there.
No build tool and no network are needed, and the same files give the same bytes.

Source: the binary distribution format, https://packaging.python.org/en/latest/specifications/
binary-distribution-format/.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib import metadata
from pathlib import Path

import oscine
from oscine.core import PackError, atomic_path

NAME = "oscine"

_WHEEL = f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_KEPT = ("METADATA", "entry_points.txt")


def write_own_wheel(folder: Path) -> Path:
    """Write the wheel of the oscine that runs.

    Args:
        folder: Where it shall stand.

    Returns:
        The wheel.

    Raises:
        PackError: oscine runs without being installed, so nobody knows what it depends on.
    """
    files = _package_files() | _metadata_files()
    info = f"{NAME}-{oscine.__version__}.dist-info"
    rows = [f"{name},{_record_hash(data)},{len(data)}" for name, data in sorted(files.items())]
    record = f"{info}/RECORD"
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    path = folder / f"{NAME}-{oscine.__version__}-py3-none-any.whl"
    with (
        atomic_path(path) as partial,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return path


def _package_files() -> dict[str, bytes]:
    root = Path(oscine.__file__).parent
    return {
        f"{NAME}/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _metadata_files() -> dict[str, bytes]:
    try:
        installed = metadata.distribution(NAME)
    except metadata.PackageNotFoundError as error:
        raise PackError(
            "oscine runs from a folder and is not installed",
            where=Path(oscine.__file__).parent,
            fix="pip install it (`pip install -e .` in its source tree), then pack again",
        ) from error
    info = f"{NAME}-{oscine.__version__}.dist-info"
    files = {f"{info}/WHEEL": _WHEEL.encode()}
    for name in _KEPT:
        if (text := installed.read_text(name)) is not None:
            files[f"{info}/{name}"] = text.encode()
    for file in installed.files or []:
        if file.parent.name == "licenses" and file.parent.parent.suffix == ".dist-info":
            files[f"{info}/licenses/{file.name}"] = file.read_binary()
    return files


def _record_hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
