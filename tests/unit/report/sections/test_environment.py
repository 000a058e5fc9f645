from __future__ import annotations

import pytest

from oscine.report import Run
from oscine.report.blocks import Code
from oscine.report.sections import environment
from unit.report.run_folder import put_json, write_run


def test_a_dirty_commit_is_called_so(finished):
    rows = environment.environment(finished).blocks[0].rows
    assert rows[-1] == ["commit", "5a151cd0b1c2, with uncommitted changes"]


@pytest.mark.parametrize(
    "command", ["oscine run 'my recipe.yaml'", ["oscine", "run", "my recipe.yaml"]]
)
def test_the_command_can_be_pasted_into_a_shell(tmp_path, command):
    run = write_run(tmp_path / "run", without=["fits", "audio"])
    put_json(run / "run.json", {"name": "x", "command": command})
    blocks = environment.reproduce(Run(run)).blocks
    assert blocks[0] == Code("As it was typed", "oscine run 'my recipe.yaml'")


def test_a_run_can_be_made_from_scratch_by_what_the_page_says(finished):
    _, anew, recipe = environment.reproduce(finished).blocks
    assert anew.text.splitlines() == [
        "pip install 'oscine[train]==0.1.0'",
        "oscine run recipe.yaml --out chorus-small-again",
    ]
    assert recipe.folded
    assert recipe.text == finished.text("recipe.yaml").rstrip()
