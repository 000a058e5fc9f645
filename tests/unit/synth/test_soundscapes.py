"""Soundscapes: annotations are where the sound is, labels are where the annotations are."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile as sf

from oscine.synth.config import SynthConfig
from oscine.synth.soundscapes import (
    draft_soundscape,
    events,
    soundscape_bytes,
    window_labels,
)
from oscine.synth.species import make_roster

CONFIG = SynthConfig(soundscape_s=20.0, snr_db=(20.0, 30.0))
ROSTER = make_roster(CONFIG)
SOUNDSCAPES = [draft_soundscape(CONFIG, ROSTER, index) for index in range(12)]


def test_events_lie_inside_the_soundscape_and_below_half_its_sample_rate() -> None:
    sung = [event for one in SOUNDSCAPES for event in events(one)]
    assert all(0.0 <= e.start_s < e.end_s <= 20.0 for e in sung)
    assert all(300.0 < e.f_min_hz < e.f_max_hz < CONFIG.soundscape_rate / 2 for e in sung)


def test_target_species_sing_and_sometimes_a_stranger() -> None:
    target = {one.code for one in ROSTER.target}
    casts = [{singer.code for singer in one.singers} for one in SOUNDSCAPES]
    assert all(len(cast & target) >= 3 for cast in casts)
    strangers = [len(cast - target) for cast in casts]
    assert set(strangers) == {0, 1}


@pytest.mark.parametrize("start_s", [0.0, 5.0, 10.0, 15.0])
def test_a_window_is_labelled_by_exactly_the_events_that_reach_into_it(start_s: float) -> None:
    labels = {start: codes for start, _, codes in window_labels(SOUNDSCAPES[0])}
    heard = {
        event.species_code
        for event in events(SOUNDSCAPES[0])
        if min(event.end_s, start_s + 5.0) - max(event.start_s, start_s) >= 0.25
    }
    assert set(labels.get(start_s, ())) == heard


def test_a_soundscape_is_loud_where_its_events_are() -> None:
    one = SOUNDSCAPES[0]
    wave, rate = sf.read(io.BytesIO(soundscape_bytes(CONFIG, one)))
    assert len(wave) == 20 * rate
    frames = np.lib.stride_tricks.sliding_window_view(wave, 2048)[::1024]
    f_hz = np.fft.rfftfreq(2048, 1 / rate)
    power = (np.abs(np.fft.rfft(frames * np.hanning(2048))) ** 2)[:, f_hz > 1500.0].sum(axis=1)
    times_s = (np.arange(len(frames)) * 1024 + 1024) / rate
    inside = np.zeros(len(frames), dtype=bool)
    for event in events(one):
        inside |= (times_s >= event.start_s) & (times_s <= event.end_s)
    assert np.percentile(power[inside], 75) > 5 * np.percentile(power[~inside], 75)


def test_a_soundscape_does_not_clip_and_repeats() -> None:
    data = soundscape_bytes(CONFIG, SOUNDSCAPES[1])
    assert np.abs(sf.read(io.BytesIO(data))[0]).max() < 0.8
    assert data == soundscape_bytes(CONFIG, SOUNDSCAPES[1])


def test_names_tell_site_and_time() -> None:
    assert SOUNDSCAPES[1].name.startswith("SYNTH_Train_0002_S02_20260502_0")
