from __future__ import annotations

import importlib.metadata
import sys

import pytest

from oscine.pipeline.doctor import environment
from oscine.pipeline.doctor.environment import packages, texts

NEEDS = ["numpy>=1.26", "torch>=2.6; extra == 'train'", "timm>=1.0.9; extra == 'train'"]


@pytest.fixture
def installed(monkeypatch):
    """Pretends that these packages are installed, in these versions, and no others."""

    def pretend(**versions):
        def version(name):
            if name not in versions:
                raise importlib.metadata.PackageNotFoundError(name)
            return versions[name]

        monkeypatch.setattr(importlib.metadata, "requires", lambda name: NEEDS)
        monkeypatch.setattr(importlib.metadata, "version", version)

    return pretend


def of(topic, found):
    return [one for one in found if one.topic == topic]


def test_python_and_versions_are_said():
    (python,) = of("python", packages())
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in python.what
    assert f"numpy {importlib.metadata.version('numpy')}" in python.what


def test_an_extra_that_is_not_installed_says_what_it_is_for_and_how_to_have_it(installed):
    installed(numpy="2.0")
    (train,) = of("extra train", packages())
    assert train.level == "ok"
    assert "oscine run" in train.what
    assert "pip install 'oscine[train]'" in train.what


def test_an_extra_that_the_recipe_needs_is_a_problem_if_it_is_missing(installed):
    installed(numpy="2.0")
    (train,) = of("extra train", packages(wanted={"train"}))
    assert (train.level, train.fix) == ("problem", "pip install 'oscine[train]'")


def test_half_an_extra_names_what_is_missing_and_is_a_problem_for_who_needs_it(installed):
    installed(numpy="2.0", torch="2.6.1+cpu")
    (spare,), (needed,) = (of("extra train", packages(wanted)) for wanted in ((), {"train"}))
    assert (spare.level, needed.level) == ("ok", "problem")
    assert "lacks timm;" in spare.what
    assert needed.what.endswith("lacks timm")


def test_a_version_that_is_too_old_is_a_warning(installed):
    installed(numpy="1.9.5", torch="2.6.0", timm="1.0.10")
    old = [one for one in packages() if "older" in one.what]
    assert [(one.topic, one.level) for one in old] == [("packages", "warning")]
    assert "numpy 1.9.5 (needs 1.26)" in old[0].what


def test_a_missing_package_of_the_light_install_is_a_problem(installed):
    installed()
    assert of("packages", packages())[0].level == "problem"


def test_utf_8_is_ok():
    assert {one.level for one in texts()} == {"ok"}


def test_a_terminal_that_writes_ascii_is_a_warning(monkeypatch):
    class Terminal:
        encoding = "ANSI_X3.4-1968"

    monkeypatch.setattr(sys, "stdout", Terminal())
    (found,) = [one for one in texts() if one.level == "warning"]
    assert "ANSI_X3.4-1968" in found.what
    assert "PYTHONUTF8=1" in found.fix


def test_no_place_for_temporary_files_is_a_problem(monkeypatch, tmp_path):
    monkeypatch.setattr(environment.tempfile, "tempdir", str(tmp_path / "absent"))
    (found,) = [one for one in texts() if one.level == "problem"]
    assert "TMPDIR" in found.fix
