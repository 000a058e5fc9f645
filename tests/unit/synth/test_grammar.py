"""Songs follow their grammar and their singer."""

from __future__ import annotations

import numpy as np
import pytest

from oscine.core import generator
from oscine.synth.grammar import Grammar, Note, Phrase, Syllable, Voice, sing

PEEP = Syllable(0.1, 0.05, (0.0, 1.0))
LOW = Syllable(0.2, 0.05, (-1.0, -1.0))


def test_a_song_walks_its_phrases_in_order() -> None:
    grammar = Grammar(2000.0, (PEEP, LOW), (Phrase(0, (3, 3)), Phrase(1, (2, 2))))
    song = sing(grammar, Voice(), generator(0, "t"))
    assert [note.syllable.contour for note in song.notes] == [PEEP.contour] * 3 + [LOW.contour] * 2


def test_a_rambling_song_changes_its_order_from_song_to_song() -> None:
    syllables = tuple(Syllable(0.1, 0.1, (octave, octave)) for octave in (0.0, 0.2, 0.4, 0.6))
    phrases = tuple(Phrase(i, (1, 1)) for i in range(4))
    grammar = Grammar(2000.0, syllables, phrases, rambles=True)
    rng = generator(0, "t")
    orders = {tuple(n.syllable.contour for n in sing(grammar, Voice(), rng).notes) for _ in "12345"}
    assert len(orders) > 1


def test_a_higher_and_slower_voice_sings_higher_and_slower() -> None:
    grammar = Grammar(2000.0, (PEEP,), (Phrase(0, (10, 10)),))
    plain = sing(grammar, Voice(), generator(0, "t"))
    other = sing(grammar, Voice(pitch_octaves=0.5, tempo=1.5), generator(0, "t"))
    ratios = [b.pitch_hz / a.pitch_hz for a, b in zip(plain.notes, other.notes, strict=True)]
    np.testing.assert_allclose(ratios, 2.0**0.5)
    assert other.end_s == pytest.approx(1.5 * plain.end_s)


def test_a_quickening_phrase_has_ever_shorter_gaps() -> None:
    grammar = Grammar(2000.0, (Syllable(0.05, 0.4, (0.0,)),), (Phrase(0, (6, 6), quicken=0.6),))
    onsets = [note.onset_s for note in sing(grammar, Voice(), generator(0, "t")).notes]
    assert (np.diff(onsets, 2) < 0).all()


def test_the_extent_of_a_note_spans_its_contour_and_its_strong_partials() -> None:
    note = Note(0.0, 1000.0, Syllable(0.1, 0.0, (-1.0, 0.0), n_harmonics=9, rolloff_db=6.0))
    assert (note.f_min_hz, note.f_max_hz) == (500.0, 2000.0)


def test_a_cut_song_keeps_its_first_note_at_least() -> None:
    song = sing(Grammar(2000.0, (PEEP,), (Phrase(0, (4, 4)),)), Voice(), generator(0, "t"))
    assert len(song.cut(0.01).notes) == 1
    assert song.cut(song.end_s) == song


def test_a_moved_song_starts_later_and_is_the_same_otherwise() -> None:
    song = sing(Grammar(2000.0, (PEEP,), (Phrase(0, (4, 4)),)), Voice(), generator(0, "t"))
    moved = song.moved(3.0)
    assert moved.start_s == 3.0
    assert moved.end_s == pytest.approx(song.end_s + 3.0)
