"""How the account of a built catalog reads in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.catalog.summary import FIRST_COLUMNS
from oscine.cli.account import CONFLICTS, ENDS, print_account
from unit.catalog.factories import built, catalog, found, recordings


@pytest.fixture
def lines(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")

    def call(ledger):
        print_account(ledger, Path("runs/[red]"))
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return call


OLD = recordings([{"xc_id": "XC1"}, {"xc_id": "XC1"}, {"xc_id": "XC2"}, {"xc_id": "XC3"}], "old")
NEW = recordings([{"xc_id": f"XC{n}"} for n in range(3, 8)], "new")
PAIRS = ((catalog("old"), OLD), (catalog("new", "target"), NEW))


def test_the_waterfall_of_each_part_states_what_each_step_removed_and_its_share(lines):
    told = lines(built(*PAIRS))
    assert "pretrain: 4 rows, 2 stay" in told
    assert "catalog duplicate key 3 1 25.00 %" in told
    assert "catalog target overlap 2 1 33.33 %" in told
    assert "target: 5 rows, 5 stay" in told
    assert not any(line.startswith("audit ") for line in told)


def test_catalogs_stand_side_by_side_with_a_bar(lines):
    told = lines(built(*PAIRS))
    assert any(line.startswith("old pretrain 4 2 1 0 █") for line in told)
    assert any(line.startswith("new target 5 5 1 0 █") for line in told)


def test_the_first_rows_have_a_caption_and_the_reference_columns(lines):
    told = lines(built(*PAIRS))
    start = told.index("target: the first 3 of 5 rows, side by side")
    assert told[start + 2] == "filename 0-XC3.ogg 1-XC4.ogg 2-XC5.ogg"
    shown = [line.partition(" ")[0] for line in told[start + 2 : start + 2 + len(FIRST_COLUMNS)]]
    assert shown == list(FIRST_COLUMNS)


def test_the_commonest_and_the_rarest_classes_are_shown(lines):
    rows = [{"primary_label": f"bird{n}"} for n in range(1, 13) for _ in range(n)]
    rows = [row | {"xc_id": f"XC{place}"} for place, row in enumerate(rows)]
    told = lines(built((catalog("t", "target"), recordings(rows, "t"))))
    start = told.index("target: 12 classes, the commonest and the rarest")
    shown = [line.split()[0] for line in told[start + 2 : start + 3 + 2 * ENDS]]
    ends = [[f"bird{n}" for n in range(most, most - ENDS, -1)] for most in (12, ENDS)]
    assert shown == [*ends[0], "...", *ends[1]]


def test_findings_are_told_in_words_and_a_skipped_audit_loudly(lines):
    told = lines(built(*PAIRS, findings=found(NEW.head(1), "silent")))
    assert "silent It stays below the silence threshold throughout. 1 1" in told
    assert not any("SKIPPED" in line for line in told)
    assert any("THE AUDIT WAS SKIPPED" in line for line in lines(built(*PAIRS)))


def test_many_conflicts_are_counted(lines):
    rows = [{"xc_id": f"XC{n}", "primary_label": x} for n in range(20, 32) for x in ("a", "b")]
    told = lines(built(PAIRS[0], (catalog("t", "target"), recordings(rows, "t"))))
    assert "12 conflicts of labels: nothing is chosen, all rows stay" in told
    assert f"and {12 - CONFLICTS} more audit/findings.parquet" in told


def test_the_last_lines_tell_the_folds_and_how_to_go_on(lines):
    told = lines(built(*PAIRS))
    assert told[-1] == "the page about the data: oscine catalog report runs/[red]"
    assert told[-2] == "one row's story: oscine catalog explain RECORDING --run runs/[red]"
    assert told[-3].startswith("target: 2 folds of ")
