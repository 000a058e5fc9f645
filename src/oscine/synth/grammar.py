"""What a song is made of: syllables, phrases, grammars; and how an individual sings one.

A grammar is a small automaton. It walks its phrases in order (or, if it `rambles`, in an order
drawn for each song); each phrase repeats one syllable; pitch and rhythm drift along the phrase.

Source: the description of birdsong as notes, syllables, phrases and songs in Catchpole and
Slater, "Bird Song: Biological Themes and Variations" (2008), chapter 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

STRONG_DB = 8.0
"""Partials at most this much weaker than the fundamental count for the extent of a note, dB."""


@dataclass(frozen=True)
class Syllable:
    """One sound without a pause.

    Args:
        duration_s: Length, s.
        gap_s: Silence after it, s.
        contour: Pitch at evenly spaced times, octaves from the species' pitch.
        n_harmonics: Partials, the fundamental included.
        rolloff_db: How much each partial is weaker than the one before it, dB.
        pulse_hz: Rate of the amplitude modulation that makes a buzz, Hz; 0: none.
        roughness: Random frequency modulation, octaves; 0: a pure tone.
        vibrato_hz: Rate of the periodic frequency modulation, Hz; 0: none.
        level_db: Level against the loudest syllable, dB.
    """

    duration_s: float
    gap_s: float
    contour: tuple[float, ...]
    n_harmonics: int = 1
    rolloff_db: float = 12.0
    pulse_hz: float = 0.0
    roughness: float = 0.0
    vibrato_hz: float = 0.0
    level_db: float = 0.0


@dataclass(frozen=True)
class Phrase:
    """One syllable, repeated.

    Args:
        syllable: Its index in the grammar.
        repeats: Fewest and most repetitions.
        quicken: Factor on the gap from one repetition to the next; below 1 accelerates.
        climb: Octaves from one repetition to the next.
    """

    syllable: int
    repeats: tuple[int, int]
    quicken: float = 1.0
    climb: float = 0.0


@dataclass(frozen=True)
class Grammar:
    """The song of a species.

    Args:
        pitch_hz: The pitch that contours are relative to, Hz.
        syllables: The inventory.
        phrases: The song, phrase by phrase.
        rambles: Whether each song takes its phrases in an order of its own.
    """

    pitch_hz: float
    syllables: tuple[Syllable, ...]
    phrases: tuple[Phrase, ...]
    rambles: bool = False


@dataclass(frozen=True)
class Voice:
    """How an individual differs from its species.

    Args:
        pitch_octaves: Offset of the pitch, octaves.
        tempo: Factor on every duration.
        brightness_db: Offset of the partials' roll-off, dB.
    """

    pitch_octaves: float = 0.0
    tempo: float = 1.0
    brightness_db: float = 0.0


@dataclass(frozen=True)
class Note:
    """One syllable as it was sung.

    Args:
        onset_s: When it starts, s.
        pitch_hz: The pitch that its contour is relative to, Hz.
        syllable: What is sung, individual durations included.
    """

    onset_s: float
    pitch_hz: float
    syllable: Syllable

    @property
    def end_s(self) -> float:
        """When it ends, s."""
        return self.onset_s + self.syllable.duration_s

    @property
    def f_min_hz(self) -> float:
        """The lowest frequency of its fundamental, Hz."""
        return float(self.pitch_hz * 2.0 ** min(self.syllable.contour))

    @property
    def f_max_hz(self) -> float:
        """The highest frequency of its strong partials, Hz."""
        top_hz = self.pitch_hz * 2.0 ** max(self.syllable.contour)
        strong = 1 + int(STRONG_DB / self.syllable.rolloff_db)
        return float(top_hz * min(strong, self.syllable.n_harmonics))


@dataclass(frozen=True)
class Song:
    """One rendition: notes in order.

    Args:
        notes: At least one note.
    """

    notes: tuple[Note, ...]

    @property
    def start_s(self) -> float:
        """When the first note starts, s."""
        return self.notes[0].onset_s

    @property
    def end_s(self) -> float:
        """When the last note ends, s."""
        return max(note.end_s for note in self.notes)

    def moved(self, by_s: float) -> Song:
        """Give the same song `by_s` seconds later."""
        return Song(tuple(replace(note, onset_s=note.onset_s + by_s) for note in self.notes))

    def cut(self, end_s: float) -> Song:
        """Give the notes that end before `end_s`; the first note always stays."""
        kept = tuple(note for note in self.notes if note.end_s <= end_s)
        return Song(kept or self.notes[:1])


def sing(grammar: Grammar, voice: Voice, rng: np.random.Generator) -> Song:
    """Sing one song that starts at 0 s.

    Args:
        grammar: The species' grammar.
        voice: The individual.
        rng: Draws the number of repetitions and small errors of pitch, rhythm and level.

    Returns:
        The song.
    """
    order = rng.permutation(len(grammar.phrases)) if grammar.rambles else None
    phrases = [grammar.phrases[i] for i in order] if order is not None else grammar.phrases
    song_pitch = grammar.pitch_hz * 2.0 ** (voice.pitch_octaves + rng.normal(0.0, 0.01))
    notes: list[Note] = []
    now_s = 0.0
    for phrase in phrases:
        plain = grammar.syllables[phrase.syllable]
        for step in range(int(rng.integers(phrase.repeats[0], phrase.repeats[1] + 1))):
            tempo = voice.tempo * float(np.exp(rng.normal(0.0, 0.03)))
            syllable = replace(
                plain,
                duration_s=plain.duration_s * tempo,
                rolloff_db=max(3.0, plain.rolloff_db + voice.brightness_db),
                level_db=plain.level_db + float(rng.normal(0.0, 1.0)),
            )
            pitch_hz = song_pitch * 2.0 ** (phrase.climb * step + rng.normal(0.0, 0.008))
            notes.append(Note(now_s, float(pitch_hz), syllable))
            now_s += (plain.duration_s + plain.gap_s * phrase.quicken**step) * tempo
    return Song(tuple(notes))
