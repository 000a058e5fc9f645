from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from oscine.core import PackError
from oscine.deploy.wheels import describe, fetch_wheels, missing_requirements


def make_wheel(folder: Path, name: str, *requires: str, version: str = "1.0") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-{version}.dist-info/METADATA", "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("requires", "python", "expected"),
    [
        (["numpy>=1.26"], "3.11", ["numpy>=1.26"]),
        (['tomli>=2; python_version < "3.12"'], "3.11", ["tomli>=2"]),
        (['tomli>=2; python_version < "3.12"'], "3.12", []),
        (['colorama; sys_platform == "win32"'], "3.11", []),
        (['torch; extra == "train"'], "3.11", []),
        (["there>=0.5"], "3.11", []),
        (["there>=2"], "3.11", ["there>=2"]),
        (["There_[more]>=0.5", "deep"], "3.11", ["deep", "further"]),
    ],
    ids=str,
)
def test_what_the_other_machine_lacks_is_listed(
    requires: list[str], python: str, expected: list[str], tmp_path: Path
) -> None:
    make_wheel(tmp_path, "oscine", *[one.replace("There_", "There") for one in requires])
    make_wheel(tmp_path, "there", 'further; extra == "more"')
    assert missing_requirements(tmp_path, python, "x86_64") == expected


def test_requirements_of_requirements_count(tmp_path: Path) -> None:
    make_wheel(tmp_path, "oscine", "one")
    make_wheel(tmp_path, "one", "two", 'arm; platform_machine == "aarch64"')
    make_wheel(tmp_path, "two", "one", "three>1")
    assert missing_requirements(tmp_path, "3.11", "x86_64") == ["three>1"]
    assert missing_requirements(tmp_path, "3.11", "aarch64") == ["arm", "three>1"]


def test_what_pip_passed_over_is_fetched_in_another_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        folder = Path(command[command.index("--dest") + 1])
        if len(asked) == 1:
            make_wheel(folder, "numpy", 'tomli; python_version < "3.99"', version="9999.0")
            for name in ("onnxruntime", "polars"):
                make_wheel(folder, name, version="9999.0")
        else:
            for one in command[command.index("--python-version") + 2 :]:
                if not one.startswith(("--", "manylinux")):
                    make_wheel(folder, one.partition(">")[0].replace("-", "_"), version="9999.0")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    names = {path.name.partition("-")[0] for path in fetch_wheels(tmp_path, "3.11", "x86_64")}
    assert len(asked) == 2
    assert "tomli" in asked[1]
    assert {"oscine", "numpy", "tomli", "soundfile"} <= names
    assert asked[0][asked[0].index("--python-version") + 1] == "3.11"
    assert {"manylinux_2_17_x86_64", "manylinux_2_35_x86_64"} <= set(asked[0])


def test_pip_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "WARNING: x\nERROR: No matching y\n\n")

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(PackError, match="could not fetch the wheels: ERROR: No matching y"):
        fetch_wheels(tmp_path, "3.11", "x86_64")


def test_wheels_are_described_by_name_size_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "a-1-py3-none-any.whl"
    path.write_bytes(b"abc")
    # The hash of "abc" that FIPS 180-2 gives, appendix B.1.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert describe([path]) == [{"name": path.name, "bytes": 3, "sha256": digest}]
