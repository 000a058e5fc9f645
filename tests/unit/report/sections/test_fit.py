from __future__ import annotations

from oscine.report import Run
from oscine.report.blocks import Table
from oscine.report.sections import fit
from unit.report.run_folder import write_run


def test_every_fit_has_a_row_with_its_kept_epoch(finished):
    (table,) = (b for b in fit.learning(finished).blocks if isinstance(b, Table))
    assert len(table.rows) == 7
    assert table.rows[0][:3] == ["Pretraining", "0", "11 of 12"]


def test_a_run_killed_during_its_first_fit_shows_the_epochs_it_has(tmp_path):
    run = write_run(tmp_path / "run")
    gone = [path for path in run.glob("fits/*/*/fit.json") if path.unlink() is None]
    assert gone
    assert [type(block).__name__ for block in fit.learning(Run(run)).blocks] == ["Plot"]


def test_the_whole_time_is_the_sum_of_the_stages(finished):
    assert fit.throughput(finished).text == ["All stages together took 4 min 0 s."]
