from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import oscine
from oscine.core import PackError
from oscine.deploy.own_wheel import write_own_wheel


def test_the_wheel_holds_the_code_that_runs(tmp_path: Path) -> None:
    root = Path(oscine.__file__).parent
    with zipfile.ZipFile(write_own_wheel(tmp_path)) as archive:
        names = {name for name in archive.namelist() if name.startswith("oscine/")}
        here = {f"oscine/{path.relative_to(root).as_posix()}" for path in root.rglob("*.py")}
        assert here <= names
        assert {"oscine/py.typed", "oscine/serve/page.html"} <= names
        assert not [name for name in names if "__pycache__" in name]
        assert archive.read("oscine/__init__.py") == Path(oscine.__file__).read_bytes()


def test_the_record_lists_every_file_with_its_hash(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_own_wheel(tmp_path)) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith("RECORD"))
        lines = archive.read(record).decode().splitlines()
        rows = dict(line.split(",", 1) for line in lines)
        assert set(rows) == set(archive.namelist())
        for name in archive.namelist():
            data = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            expected = "," if name == record else f"sha256={digest},{len(data)}"
            assert rows[name] == expected


def test_its_metadata_asks_for_the_light_dependencies_and_brings_the_command(
    tmp_path: Path,
) -> None:
    path = write_own_wheel(tmp_path)
    assert path.name == f"oscine-{oscine.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(path) as archive:
        info = f"oscine-{oscine.__version__}.dist-info"
        text = archive.read(f"{info}/METADATA").decode()
        assert "Requires-Dist: onnxruntime>=" in text
        assert "oscine.cli.main:main" in archive.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = write_own_wheel(tmp_path / "a"), write_own_wheel(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_an_oscine_that_is_not_installed_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", nobody)
    with pytest.raises(PackError, match="is not installed"):
        write_own_wheel(tmp_path)
