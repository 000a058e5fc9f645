from __future__ import annotations

from oscine.catalog.summary import FIRST_COLUMNS
from oscine.report.blocks import Preview
from oscine.report.sections import previews


def test_the_first_rows_of_each_part_have_the_reference_s_columns(finished):
    first, second, _ = previews.first_recordings(finished).blocks
    assert isinstance(first, Preview)
    assert first.rows.columns == second.rows.columns == list(FIRST_COLUMNS)
    n = finished.recordings("pretrain").height
    assert first.caption == f"Pretraining catalog: the first 5 of {n} rows"


def test_paths_are_shortened_and_empty_lists_are_empty(finished):
    row = previews.first_recordings(finished).blocks[0].rows.row(0, named=True)
    assert row["filepath"].startswith("…/")
    assert row["filepath"].endswith("/audio/sp00-0.wav")
    assert row["secondary_labels"] is None


def test_catalogs_are_counted_after_all_steps(finished):
    rows = previews.first_recordings(finished).blocks[-1].rows
    counts = [finished.recordings(part).height for part in ("pretrain", "target")]
    assert rows["recordings"].to_list() == counts
    assert rows["catalog"].to_list() == ["chorus-2031", "chorus-2032"]
