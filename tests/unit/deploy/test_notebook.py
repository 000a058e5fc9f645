from __future__ import annotations

from pathlib import Path

import nbformat

from oscine.deploy.notebook import CELLS, make_notebook, write_notebook


def test_the_notebook_is_valid_and_its_cells_have_ids(tmp_path: Path) -> None:
    write_notebook(tmp_path / "a.ipynb", 85.0)
    book = nbformat.read(tmp_path / "a.ipynb", as_version=4)
    nbformat.validate(book)
    assert [cell["id"] for cell in book["cells"]] == ["about", *CELLS]


def test_every_code_cell_is_plain_python() -> None:
    for cell in make_notebook(1.5)["cells"][1:]:
        compile("".join(cell["source"]), cell["id"], "exec")


def test_the_minutes_stand_in_the_settings() -> None:
    settings = make_notebook(7.5)["cells"][1]
    assert "MINUTES = 7.5" in "".join(settings["source"])


def test_it_installs_from_the_wheels_alone() -> None:
    install = "".join(make_notebook(1.0)["cells"][3]["source"])
    assert '"--no-index", "--find-links"' in install
