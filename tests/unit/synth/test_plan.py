"""The plan: long tails, people on every species, and defects where they are said to be."""

from __future__ import annotations

from collections import Counter

import pytest

from oscine.core import Reason
from oscine.synth.config import SynthConfig, sized
from oscine.synth.entries import YEAR_A, YEAR_B
from oscine.synth.plan import long_tail, make_plan

CONFIG = SynthConfig()
PLAN = make_plan(CONFIG)
BY_PATH = {str(entry.path): entry for entry in PLAN.entries}


def test_a_long_tail_falls_from_most_to_least() -> None:
    tail = long_tail(100, 4, 9)
    assert (tail[0], tail[-1]) == (100, 4)
    assert tail == sorted(tail, reverse=True)


def test_every_path_is_unique() -> None:
    assert len(BY_PATH) == len(PLAN.entries)


@pytest.mark.parametrize("size", ["tiny", "demo"])
def test_every_target_species_has_its_recordings_without_counting_defects(size: str) -> None:
    config = sized(size)
    sound = [e for e in make_plan(config).entries if e.year == YEAR_B and e.defect is None]
    counts = Counter(entry.species.code for entry in sound)
    assert len(counts) == config.n_species_target
    assert min(counts.values()) >= config.target_least
    assert max(counts.values()) >= config.target_most


@pytest.mark.parametrize("year", [YEAR_A, YEAR_B])
def test_every_species_is_recorded_by_several_people(year: str) -> None:
    people: dict[str, set[int]] = {}
    for entry in PLAN.entries:
        if entry.year == year and entry.defect is None:
            people.setdefault(entry.species.code, set()).add(entry.scene.recordist.index)
    assert min(map(len, people.values())) >= 5


def test_planted_defects_are_the_entries_with_defects() -> None:
    planted = {path: reason for reason, paths in PLAN.planted.defects.items() for path in paths}
    assert planted == {path: e.defect for path, e in BY_PATH.items() if e.defect is not None}


def test_as_many_things_are_planted_as_were_asked_for() -> None:
    planted = PLAN.planted
    assert len(planted.defects[Reason.TRUNCATED]) == CONFIG.n_truncated
    assert len(planted.defects[Reason.EMPTY]) == CONFIG.n_empty
    assert len(planted.defects[Reason.UNREADABLE]) == CONFIG.n_unreadable
    assert len(planted.defects[Reason.SILENT]) == CONFIG.n_silent
    assert len(planted.defects[Reason.NON_FINITE]) == CONFIG.n_non_finite
    assert len(planted.cut_ogg) == CONFIG.n_cut_ogg
    assert len(planted.duplicate_key) == CONFIG.n_duplicate_key
    assert len(planted.duplicate_bytes) == CONFIG.n_duplicate_bytes
    assert len(planted.label_conflict) == CONFIG.n_conflicts
    assert len(planted.target_overlap) == CONFIG.n_overlap


@pytest.mark.parametrize("pair", PLAN.planted.duplicate_key)
def test_duplicates_by_key_share_id_label_and_author(pair: tuple[str, str]) -> None:
    one, other = (BY_PATH[path] for path in pair)
    assert (one.xc_id, one.species, one.scene) == (other.xc_id, other.species, other.scene)


@pytest.mark.parametrize("pair", PLAN.planted.duplicate_bytes)
def test_duplicates_by_bytes_have_two_ids_and_one_scene(pair: tuple[str, str]) -> None:
    one, other = (BY_PATH[path] for path in pair)
    assert one.xc_id != other.xc_id
    assert (one.year, one.scene, one.suffix) == (other.year, other.scene, other.suffix)


@pytest.mark.parametrize("pair", PLAN.planted.label_conflict)
def test_conflicts_have_one_id_and_two_labels_and_both_birds_sing(pair: tuple[str, str]) -> None:
    one, other = (BY_PATH[path] for path in pair)
    assert one.xc_id == other.xc_id
    assert set(one.scene.species) == {one.species, other.species}


def test_exactly_the_planted_ids_stand_in_both_years() -> None:
    ids = [{e.xc_id for e in PLAN.entries if e.year == year} for year in (YEAR_A, YEAR_B)]
    assert ids[0] & ids[1] == set(PLAN.planted.target_overlap)


def test_nothing_else_is_said_twice() -> None:
    scenes = Counter((e.year, e.scene.index) for e in PLAN.entries)
    twice = sum(count > 1 for count in scenes.values())
    assert twice == CONFIG.n_duplicate_key + CONFIG.n_duplicate_bytes + CONFIG.n_conflicts


def test_the_plan_repeats() -> None:
    assert make_plan(CONFIG) == PLAN
