"""A scene's draft is what its audio sounds like and its row tells."""

from __future__ import annotations

import numpy as np
import pytest

from oscine.core import generator
from oscine.synth.config import SynthConfig
from oscine.synth.grammar import Voice
from oscine.synth.recordists import recordist_at
from oscine.synth.scenes import Scene, draft, render_recording, sing_through, snr_at
from oscine.synth.species import make_roster

CONFIG = SynthConfig()
ROSTER = make_roster(CONFIG)


def scene(index: int, who: int = 0) -> Scene:
    species = ROSTER.pretrain[who]
    return Scene(index, (species,), ROSTER.pretrain, recordist_at(CONFIG, index % 24))


SCENES = [scene(i, i % len(ROSTER.pretrain)) for i in range(200)]
DRAFTS = [draft(CONFIG, one) for one in SCENES]


def test_the_main_voice_is_in_every_recording_and_inside_it() -> None:
    assert [p.singers[0].code for p in DRAFTS] == [one.species[0].code for one in SCENES]
    left_s = np.array([p.duration_s - p.singers[0].songs[0].start_s for p in DRAFTS])
    assert left_s.min() > 1.7
    assert min(p.singers[0].songs[0].start_s for p in DRAFTS) >= 0.0


def test_about_half_of_the_recordings_begin_without_their_bird() -> None:
    late = [p.singers[0].songs[0].start_s > 0.4 * p.duration_s for p in DRAFTS]
    # Of 200 at .5 the share spreads by .035; short recordings let fewer start late.
    assert 0.3 < np.mean(late) < 0.65


def test_durations_and_levels_stay_in_their_ranges() -> None:
    durations_s = [plan.duration_s for plan in DRAFTS]
    levels_db = [plan.singers[0].snr_db for plan in DRAFTS]
    assert CONFIG.duration_s[0] <= min(durations_s) < max(durations_s) <= CONFIG.duration_s[1]
    assert CONFIG.snr_db[0] <= min(levels_db) < max(levels_db) <= CONFIG.snr_db[1]
    assert {plan.rating for plan in DRAFTS} <= {half / 2 for half in range(11)}


def test_most_of_the_birds_behind_are_listed_and_none_that_is_absent() -> None:
    behind = [{s.code for s in p.singers[1:]} for p in DRAFTS]
    assert all(set(p.secondary_labels) <= b for p, b in zip(DRAFTS, behind, strict=True))
    listed, heard = sum(len(p.secondary_labels) for p in DRAFTS), sum(map(len, behind))
    # Of some 90 at .8 the share spreads by .042.
    assert 0.65 < listed / heard < 0.95


def test_birds_behind_are_softer_than_the_main_voice() -> None:
    assert all(s.snr_db < p.singers[0].snr_db for p in DRAFTS for s in p.singers[1:])


def test_some_rows_have_no_place_and_no_rating() -> None:
    assert any(plan.latitude is None for plan in DRAFTS)
    assert any(plan.rating == 0.0 for plan in DRAFTS)


def test_a_recording_is_a_function_of_seed_and_scene() -> None:
    one, rate = render_recording(CONFIG, scene(3))
    again, _ = render_recording(CONFIG, scene(3))
    other, _ = render_recording(CONFIG.model_copy(update={"seed": 43}), scene(3))
    np.testing.assert_array_equal(one, again)
    assert rate == scene(3).recordist.microphone.sample_rate
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_singing_fills_the_span_and_does_not_leave_it() -> None:
    grammar = ROSTER.pretrain[2].grammar
    songs = sing_through(grammar, Voice(), (5.0, 25.0), 0.5, generator(0, "test"))
    assert songs[0].start_s == 5.0
    assert 20.0 < songs[-1].end_s <= 25.0


def test_a_span_that_is_too_short_holds_a_song_cut_short() -> None:
    grammar = ROSTER.pretrain[2].grammar
    (song,) = sing_through(grammar, Voice(), (0.0, 0.5), 0.5, generator(0, "test"))
    assert song.end_s <= 0.5


@pytest.mark.parametrize(("nearness", "snr_db"), [(0.0, -6.0), (0.5, 7.0), (1.0, 20.0)])
def test_near_birds_are_louder(nearness: float, snr_db: float) -> None:
    assert snr_at(CONFIG, nearness) == snr_db
