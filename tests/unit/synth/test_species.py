"""The roster: names that are unique and say that they are invented, years that overlap."""

from __future__ import annotations

import pytest

from oscine.synth.config import MAX_SPECIES, SynthConfig, sized
from oscine.synth.species import make_roster, species_at, voice_of


def test_all_names_and_codes_are_unique() -> None:
    everyone = [species_at(0, index) for index in range(MAX_SPECIES)]
    assert len({one.code for one in everyone}) == MAX_SPECIES
    assert len({one.common_name for one in everyone}) == MAX_SPECIES
    assert len({one.scientific_name for one in everyone}) == MAX_SPECIES


def test_every_name_says_that_it_is_synthetic() -> None:
    names = [species_at(0, index).common_name for index in range(MAX_SPECIES)]
    assert all(name.startswith("Synthetic ") for name in names)


def test_a_name_does_not_depend_on_the_seed_but_the_song_does() -> None:
    one, other = species_at(1, 5), species_at(2, 5)
    assert one.code == other.code
    assert one.grammar != other.grammar


@pytest.mark.parametrize("size", ["tiny", "demo"])
def test_the_years_share_as_many_species_as_asked(size: str) -> None:
    config = sized(size)
    roster = make_roster(config)
    assert len(roster.pretrain) == config.n_species_pretrain
    assert len(roster.target) == config.n_species_target
    assert len(roster.shared) == config.n_species_shared


def test_every_family_of_the_target_is_one_that_pretraining_heard() -> None:
    roster = make_roster(SynthConfig())
    assert {one.family for one in roster.target} <= {one.family for one in roster.pretrain}


def test_the_target_has_pairs_of_one_family() -> None:
    families = [one.family for one in make_roster(SynthConfig()).target]
    assert len(set(families)) < len(families)


def test_an_individual_is_the_same_in_all_its_recordings() -> None:
    config = SynthConfig()
    assert voice_of(config, "marpip9", 3, 0) == voice_of(config, "marpip9", 3, 0)
    assert voice_of(config, "marpip9", 3, 0) != voice_of(config, "marpip9", 4, 0)


def test_without_individuality_all_birds_of_a_species_sing_alike() -> None:
    config = SynthConfig(individuality=0.0)
    assert voice_of(config, "marpip9", 3, 0) == voice_of(config, "marpip9", 4, 1)
