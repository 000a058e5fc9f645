"""Recordists are invented people with a recorder and a home."""

from __future__ import annotations

from oscine.synth.config import SynthConfig
from oscine.synth.recordists import recordist_at

CONFIG = SynthConfig(stereo=0.5)
PEOPLE = [recordist_at(CONFIG, index) for index in range(200)]


def test_two_hundred_recordists_have_two_hundred_names() -> None:
    assert len({one.name for one in PEOPLE}) == len(PEOPLE)


def test_most_record_at_the_native_rate_and_some_at_others() -> None:
    rates = [one.microphone.sample_rate for one in PEOPLE]
    assert set(rates) == {16_000, 24_000, 32_000, 44_100}
    # Of 200 at .8 the count spreads by 6: within four spreads.
    assert abs(rates.count(24_000) - 160) < 24


def test_some_recorders_are_stereo() -> None:
    assert {one.microphone.n_channels for one in PEOPLE} == {1, 2}


def test_every_license_is_creative_commons_by() -> None:
    assert all(one.license.startswith("Creative Commons Attribution") for one in PEOPLE)


def test_a_recordist_does_not_change_with_the_size_of_the_chorus() -> None:
    assert recordist_at(CONFIG.model_copy(update={"n_recordists": 9}), 3) == PEOPLE[3]


def test_no_recorder_can_reach_full_scale() -> None:
    assert max(one.microphone.gain_db for one in PEOPLE) <= -3.0
