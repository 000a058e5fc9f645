"""The Dockerfile's steps against pyproject.toml: no container runs here, so each is checked."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@dataclass
class Step:
    name: str
    text: str


def read_stages() -> list[list[Step]]:
    """The Dockerfile's steps by stage, each stage from its FROM; arguments have their defaults."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    defaults = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, flags=re.M))
    stages: list[list[Step]] = []
    for line in lines:
        name, rest = line.split(maxsplit=1)
        filled = re.sub(r"\$\{(\w+)\}", lambda found: defaults[found[1]], rest)
        if name == "FROM":
            stages.append([])
        if stages:
            stages[-1].append(Step(name, filled))
    return stages


BUILD, FINAL = read_stages()


def texts(stage: list[Step], name: str) -> list[str]:
    return [step.text for step in stage if step.name == name]


def copied() -> list[str]:
    """What the build stage takes from the source tree."""
    return [source for text in texts(BUILD, "COPY") for source in text.split()[:-1]]


def test_the_base_image_has_a_python_that_oscine_takes_and_no_registry() -> None:
    images = [text.partition(" ")[0] for text in [*texts(BUILD, "FROM"), *texts(FINAL, "FROM")]]
    for image in images:
        assert "/" not in image
        version = re.fullmatch(r"python:(\d\.\d+)-slim", image)
        assert version
        assert version[1] in SpecifierSet(PROJECT["requires-python"])


def test_the_extras_that_are_installed_exist_and_bring_no_training() -> None:
    (extras,) = re.findall(r'install --no-cache-dir "\.\[([\w,]+)\]"', texts(BUILD, "RUN")[0])
    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"]) - {"train", "dev"}


def test_what_pyproject_refers_to_is_copied_and_not_ignored() -> None:
    assert {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"], "src"} == set(copied())
    assert all((ROOT / source).exists() for source in copied())
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == set(copied())


def test_the_final_stage_has_the_environment_alone_and_an_ordinary_user() -> None:
    assert texts(FINAL, "COPY") == ["--from=build /opt/oscine /opt/oscine"]
    assert texts(BUILD, "FROM")[0].endswith(" AS build")
    assert "/opt/oscine/bin" in texts(FINAL, "ENV")[0]
    (user,) = texts(FINAL, "USER")
    made = texts(FINAL, "RUN")[-1]
    assert made.startswith("useradd ")
    assert made.endswith(f" {user}")
    names = [step.name for step in FINAL]
    assert names.index("USER") < names.index("ENTRYPOINT")


def test_the_entry_point_is_the_command() -> None:
    (command,) = json.loads(texts(FINAL, "ENTRYPOINT")[0])
    assert command in PROJECT["scripts"]
    assert "pip" not in " ".join(texts(FINAL, "RUN"))


@pytest.mark.slow
def test_a_wheel_can_be_built_from_what_is_copied_alone(tmp_path: Path) -> None:
    for source in copied():
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, tmp_path / "src" / source, ignore=ignored)
        else:
            (tmp_path / "src").mkdir(exist_ok=True)
            shutil.copy(ROOT / source, tmp_path / "src")
    command = [*(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"), "--wheel-dir", "."]
    done = subprocess.run(
        [*command, tmp_path / "src"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert "oscine/serve/page.html" in zipfile.ZipFile(wheel).namelist()
