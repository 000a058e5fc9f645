from __future__ import annotations

import numpy as np
import pytest

from oscine.catalog import class_list
from oscine.model.config import LossConfig
from oscine.train.exposures import count_exposures, least_heard
from oscine.train.targets import make_targets
from unit.catalog.factories import recordings


@pytest.fixture(scope="module")
def table():
    rows = [
        ("brant", "XC1_1", "Ann", []),
        ("brant", "XC1_2", "Ann", []),
        ("brant", "XC2", None, ["gadwal"]),
        ("gadwal", "XC3", "Bo", []),
        ("mallar3", "XC4", "Bo", []),
    ]
    names = ("primary_label", "xc_id", "author", "secondary_labels")
    return recordings(dict(zip(names, row, strict=True)) for row in rows)


def count(table, orders, **loss):
    classes = class_list(table)
    targets, _ = make_targets(table, classes, LossConfig(**loss))
    return count_exposures(
        table, targets, classes, lambda epoch: np.array(orders[epoch]), len(orders)
    )


def test_each_epoch_counts_the_clips_of_each_class(table):
    counts = count(table, [[0, 1, 3, 3], [2, 4, 4, 4]], secondary_labels="ignore")
    assert counts.select("epoch", "species_code", "n").rows() == [
        (0, "brant", 2), (0, "gadwal", 2), (0, "mallar3", 0),
        (1, "brant", 1), (1, "gadwal", 0), (1, "mallar3", 3),
    ]  # fmt: skip


def test_different_recordings_and_recordists_are_those_heard_so_far(table):
    counts = count(table, [[0, 1], [0, 0], [2, 3]], secondary_labels="ignore")
    brant = counts.filter(species_code="brant")
    assert brant["recordings"].to_list() == [1, 1, 2]  # two clips of XC1 are one recording
    assert brant["recordists"].to_list() == [1, 1, 1]  # nobody is stated for XC2


@pytest.mark.parametrize(
    ("policy", "expected"), [("ignore", (0, 0)), ("positive", (1, 1)), ("soft", (0.25, 1))]
)
def test_a_secondary_label_counts_as_much_as_the_loss_counts_it(table, policy, expected):
    counts = count(table, [[2]], secondary_labels=policy, secondary_weight=0.25)
    assert counts.filter(species_code="gadwal").select("n", "recordings").row(0) == expected


def test_counts_agree_with_a_sum_over_targets(table):
    orders = np.random.default_rng(0).integers(0, 5, (3, 40))
    targets, _ = make_targets(table, class_list(table), LossConfig(secondary_labels="soft"))
    counts = count(table, orders, secondary_labels="soft")
    for epoch, order in enumerate(orders):
        expected = targets[order].sum(axis=0)
        # The sums are of float32 in one case and of float64 in the other.
        assert counts.filter(epoch=epoch)["n"].to_list() == pytest.approx(expected.tolist(), 1e-6)


def test_a_fit_without_an_epoch_heard_nothing(table):
    assert count(table, []).is_empty()


def test_the_line_names_the_least_heard_species_first(table):
    line = least_heard(count(table, [[0, 1, 3], [0, 0, 3]], secondary_labels="ignore"))
    assert line == (
        "an epoch heard 0 to 2 clips of a class; "
        "least (clips/recordings/recordists): mallar3 0/0/0, gadwal 1/1/1, brant 2/1/1"
    )
