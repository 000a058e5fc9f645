from __future__ import annotations

import shutil

from oscine.report import compare
from oscine.report.blocks import Cell
from oscine.report.sections import comparison as sections
from oscine.report.sections.verdicts import notes
from unit.report.test_comparison import of_seed


def test_the_result_has_the_sentences_and_notes_before_its_tables(comparison):
    section = sections.result(comparison)
    assert section.text[0].startswith("other is worse than first")
    assert len(section.text) == 1 + len(notes(comparison))
    assert len(section.blocks) == 3


def test_the_head_of_a_run_is_its_name_as_it_stands(comparison):
    table = sections.result(comparison).blocks[0]
    assert table.columns == ["metric", Cell("other")]


def test_seeds_have_a_table_of_each_with_their_spread(runs, tmp_path):
    seeds = [of_seed(runs[0], tmp_path / f"plain-{seed}", seed) for seed in (1, 2)]
    found = compare([runs[1], *seeds], n_draws=20)
    table = sections.result(found).blocks[-1]
    assert table.columns == ["metric", Cell("other"), Cell("plain", "2 seeds")]
    _, alone, both = table.rows[0]
    assert isinstance(alone, str)
    assert both.main.startswith("± ")
    assert both.minor.count(", ") == 1
    about = sections.changed(found).blocks[0]
    assert ["seeds", "7", "1, 2"] in list(about.rows)
    assert about.rows[-1] == ["folds", "3", "of other seeds"]
    (plot,) = sections.learning(found).blocks
    (_, own), (_, rows) = plot.draw.args[0]
    assert rows["fit"].n_unique() == 2 * own["fit"].n_unique()


def test_what_differs_names_settings_and_folds(comparison):
    about, settings = sections.changed(comparison).blocks
    assert about.rows[-1] == ["folds", "3", "the same"]
    assert settings.caption == "2 settings that differ"


def test_runs_of_one_recipe_say_so(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    section = sections.changed(compare([runs[0], copy], n_draws=10))
    assert section.text == ["The recipes say the same."]
    assert len(section.blocks) == 1


def test_classes_are_counted_up_and_down(comparison):
    plot, table = sections.classes(comparison).blocks
    moved = comparison.by_class["other"]["change"]
    assert f"{(moved > 0).sum()} class" in plot.caption
    assert len(table.rows) == len(moved)


def test_a_copy_has_no_class_that_changed(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    assert sections.classes(compare([runs[0], copy], n_draws=10)).absent == "No class changed."


def test_learning_and_cost_need_fits(runs, comparison, tmp_path):
    assert len(sections.learning(comparison).blocks) == 1
    assert len(sections.cost(comparison).blocks[0].rows) == 2
    bare = shutil.copytree(runs[0], tmp_path / "bare")
    for path in bare.glob("fits/*/*/history.jsonl"):
        path.unlink()
    bare_other = shutil.copytree(bare, tmp_path / "bare-other")
    assert sections.learning(compare([bare, bare_other], n_draws=10)).absent
