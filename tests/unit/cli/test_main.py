"""What every command has in common: help, and errors of one message and exit status 2."""

from __future__ import annotations

import subprocess
import sys

import pytest

from oscine.cli import main as module

COMMANDS = (
    "run", "demo", "recipe", "catalog", "fit", "evaluate", "bundle", "scan", "report", "serve",
    "synth", "download",
)  # fmt: skip

RECIPE = """\
catalogs: [{name: a, source: folder, path: nowhere, role: target}]
"""


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.yaml").write_text(RECIPE)
    return "r.yaml"


def test_help_lists_every_command(oscine):
    said = oscine("--help")
    assert said.status == 0
    assert [name for name in COMMANDS if f" {name} " not in said.out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(oscine, command):
    said = oscine(command, "--help")
    assert said.status == 0
    assert f" {command} [OPTIONS]" in said.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "nonsense"], "no recipe 'nonsense': give a .yaml file, or a preset: demo, folder"),
        (["run", "nowhere.yaml"], "no such recipe (nowhere.yaml): check the path"),
        (["run", "r.yaml", "seed"], "an override has the form key.key=value (seed)"),
        (["run", "r.yaml", "sed=1"], "sed: unknown setting; did you mean seed?"),
        (["run", "r.yaml", "seed=-1"], "greater than or equal to 0"),
        (["run", "r.yaml", "catalogs.9.path=x"], "'9' is no place in a list of 1"),
        (["catalog", "build", "r.yaml"], "nowhere"),
        (["fit", "r.yaml", "--stage", "finetun"], "no such stage"),
        (["recipe", "show", "nonsense"], "no recipe 'nonsense'"),
        (["scan", "nowhere", "a.ogg"], "none of these is a bundle"),
        (["synth", "x", "--size", "huge"], "no size 'huge'"),
        (["demo", "--size", "huge"], "no size 'huge'"),
        (["report", "nowhere"], "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_error_is_one_message_and_status_2_without_a_traceback(oscine, recipe, words, expected):
    said = oscine(*words)
    assert said.status == 2
    assert said.err.count("error: ") == 1
    assert expected in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_an_option_that_does_not_exist_is_told_by_typer_with_the_same_status(oscine):
    assert oscine("run", "--nonsense").status == 2


def test_a_missing_part_is_named_with_the_way_to_install_it(oscine, monkeypatch):
    def without_torch():
        raise ModuleNotFoundError("No module named 'torch'", name="torch.nn")

    monkeypatch.setattr(module, "app", without_torch)
    said = oscine("fit")
    assert said.status == 2
    assert "torch.nn" in said.err
    assert "pip install 'oscine[train]'" in said.err


def test_a_defect_of_oscine_itself_is_not_hidden(oscine, monkeypatch):
    def broken():
        raise ModuleNotFoundError("No module named 'oscine.typo'", name="oscine.typo")

    monkeypatch.setattr(module, "app", broken)
    with pytest.raises(ModuleNotFoundError, match=r"oscine\.typo"):
        oscine("fit")


def test_the_installed_program_does_as_this_process(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from oscine.cli.main import main; main()", "run", "nonsense"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no recipe 'nonsense'")
    assert list(tmp_path.iterdir()) == []
