"""Each family sings in its own way, within what every recorder can hold."""

from __future__ import annotations

import pytest

from oscine.core import generator
from oscine.synth.families import FAMILIES
from oscine.synth.grammar import Voice, sing

EVERY = [(name, variant) for name in FAMILIES for variant in range(4)]


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_a_song_is_neither_too_short_nor_too_long(name: str, variant: int) -> None:
    grammar = FAMILIES[name](variant, generator(1, name, variant))
    song = sing(grammar, Voice(), generator(2, name, variant))
    assert 0.15 < song.end_s < 6.0


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_the_fundamental_stays_below_half_of_the_lowest_sample_rate(
    name: str, variant: int
) -> None:
    grammar = FAMILIES[name](variant, generator(1, name, variant))
    notes = sing(grammar, Voice(), generator(2, name, variant)).notes
    tops_hz = [note.pitch_hz * 2.0 ** max(note.syllable.contour) for note in notes]
    assert min(note.f_min_hz for note in notes) > 300.0
    assert max(tops_hz) < 8000.0


@pytest.mark.parametrize("name", FAMILIES)
def test_variants_of_a_family_differ_in_time(name: str) -> None:
    grammars = [FAMILIES[name](variant, generator(1, "same")) for variant in range(4)]
    rhythms = {
        tuple((round(s.duration_s, 4), round(s.gap_s, 4), s.contour) for s in grammar.syllables)
        for grammar in grammars
    }
    assert len(rhythms) == 4
