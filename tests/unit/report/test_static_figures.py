from __future__ import annotations

import pytest

from oscine.core import ConfigError
from oscine.report import write_figures
from oscine.report.sections import CHAPTERS
from unit.report.run_folder import write_run

PARTS = ["audit", "pretrain", "baseline", "scan", "audio"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("static") / "run", without=PARTS)


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    return write_figures(run, tmp_path_factory.mktemp("figures"), "pdf", 89.0)


def test_every_figure_of_the_page_is_a_file_with_a_caption(page, finished, tmp_path):
    paths = write_figures(finished.path, tmp_path / "figures")
    on_the_page = {path.name for path in (page.parent / "figures").iterdir()}
    assert {path.name for path in paths} == on_the_page
    captions = (tmp_path / "figures/captions.md").read_text(encoding="utf-8")
    assert [f"**{path.name}** " in captions for path in paths] == [True] * len(paths)


def test_pdf_files_hold_their_fonts(written):
    for path in written:
        data = path.read_bytes()
        assert data.startswith(b"%PDF")
        assert b"/FontFile2" in data, path


def test_the_run_folder_stays_as_it_is(run, written):
    assert written
    assert not (run / "report").exists()


def test_the_same_run_gives_the_same_bytes(run, written, tmp_path):
    again = write_figures(run, tmp_path / "again", "pdf", 89.0)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]


def test_figures_are_written_anew_and_other_files_stay(run, tmp_path):
    (first, *_) = write_figures(run, tmp_path / "figures")
    own = tmp_path / "figures/paper.tex"
    own.write_text("mine")
    first.write_text("old")
    write_figures(run, tmp_path / "figures")
    assert own.read_text() == "mine"
    assert first.read_text().startswith("<?xml")


def test_a_folder_of_other_things_is_refused(run, tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/metrics.svg").write_text("mine")
    with pytest.raises(ConfigError, match="something else than figures"):
        write_figures(run, tmp_path / "figures")
    assert (tmp_path / "figures/metrics.svg").read_text() == "mine"


def test_figures_come_in_the_order_of_the_page(written):
    names = [path.stem for path in written]
    assert names.index("metrics") < names.index("waterfall") < names.index("learning")
    assert len(set(names)) == len(names)
    assert CHAPTERS
