"""Human speech: the model's protocol, stretches, and the real model where it is installed."""

from __future__ import annotations

import importlib.util
import itertools
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chirps import chirps
from oscine.audio import hear_all, open_speech_model, speech_model_path
from oscine.audio.speech import BLOCK_S, PAUSE_S, RATE, Listener, find_stretches, hear
from oscine.core import ConfigError, generator
from speech_model import stand_in_scores, write_stand_in


@pytest.fixture
def session(tmp_path: Path):
    return open_speech_model(write_stand_in(tmp_path / "stand-in.onnx"))


def loud(*spans: tuple[float, float], seconds: float = 4.0) -> np.ndarray:
    """Noise at 16 kHz that is loud within some spans, s."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    level = np.full(len(time_s), 1e-3)
    for start_s, end_s in spans:
        level[(time_s >= start_s) & (time_s < end_s)] = 0.3
    return (level * generator(1, "noise").standard_normal(len(time_s))).astype(np.float32)


def voice(seconds: float) -> np.ndarray:
    """Vowels at 16 kHz: a buzz through moving formants, four syllables a second."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    pitch_hz = 130 + 20 * np.sin(2 * np.pi * 0.7 * time_s)
    turns = np.cumsum(pitch_hz) / RATE
    moving = np.sin(2 * np.pi * 1.9 * time_s)
    formants = (
        (600 + 200 * moving, 90.0),
        (1400 - 400 * moving, 110.0),
        (2600 + 0 * moving, 160.0),
    )
    waveform = np.zeros(len(time_s))
    for k in range(1, 30):
        strength = sum(1 / (1 + ((k * pitch_hz - at) / width) ** 2) for at, width in formants)
        waveform += strength / k**0.5 * np.sin(2 * np.pi * k * turns)
    syllables = np.clip(1.3 * np.sin(np.pi * 4 * time_s) ** 2, 0, 1)
    return (0.1 * waveform * syllables).astype(np.float32)


@pytest.mark.parametrize("n_samples", [1, 511, 512, 513, 20_000])
@pytest.mark.parametrize("piece", [100, 512, 16_000])
def test_each_block_is_scored_with_its_context_and_the_state_before(
    session, n_samples: int, piece: int
) -> None:
    waveform = loud((0.2, 0.5))[:n_samples]
    listener = Listener(session)
    for start in range(0, n_samples, piece):
        listener.add(waveform[start : start + piece])
    # 32-bit against 64-bit sums of 576 values.
    np.testing.assert_allclose(listener.scores(), stand_in_scores(waveform), atol=1e-5)


def test_a_recording_without_samples_has_no_scores(session) -> None:
    assert len(Listener(session).scores()) == 0


def test_no_speech_has_no_stretches() -> None:
    assert find_stretches(np.full(100, 0.49, np.float32), 0.5, 0.1) == ()
    assert find_stretches(np.empty(0, np.float32), 0.5, 0.1) == ()


def test_a_breath_joins_and_a_longer_pause_parts() -> None:
    breath, pause = int(PAUSE_S / BLOCK_S), int(PAUSE_S / BLOCK_S) + 1
    lengths = [40, breath, 40, pause, 40]
    scores = np.repeat([1.0, 0.0, 0.8, 0.0, 0.6], lengths).astype(np.float32)
    first, second = find_stretches(scores, 0.5, 1.0)
    assert first.start_s == 0.0
    assert first.end_s == pytest.approx((80 + breath) * BLOCK_S)
    assert first.score == pytest.approx(0.9)
    assert second.start_s == pytest.approx((80 + breath + pause) * BLOCK_S)
    assert second.score == pytest.approx(0.6)


def test_pauses_do_not_count_towards_the_least_speech() -> None:
    scores = np.repeat([1.0, 0.0, 1.0], [10, 15, 10]).astype(np.float32)
    assert len(find_stretches(scores, 0.5, 20 * BLOCK_S)) == 1
    assert find_stretches(scores, 0.5, 21 * BLOCK_S) == ()


@given(st.lists(st.floats(0, 1, width=32), max_size=300), st.floats(0.1, 1.0), st.floats(0.03, 1.0))
def test_stretches_are_in_order_apart_and_within_the_recording(
    scores: list[float], least_score: float, least_s: float
) -> None:
    found = find_stretches(np.array(scores, np.float32), least_score, least_s)
    edges = [edge for one in found for edge in (one.start_s, one.end_s)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(scores) * BLOCK_S + 1e-9 for edge in edges)
    for one, following in itertools.pairwise(found):
        assert following.start_s - one.end_s >= PAUSE_S - 1e-9
    assert all(one.end_s - one.start_s >= least_s - 1e-9 for one in found)


@pytest.mark.parametrize("name", ["a.wav", "a.ogg", "a.mp3", "a.m4a"])
def test_speech_is_placed_in_any_format_and_rate(record, session, name: str) -> None:
    waveform = np.interp(
        np.arange(4 * 44_100) / 44_100, np.arange(4 * RATE) / RATE, loud((0.5, 1.5), (2.5, 3.5))
    ).astype(np.float32)
    path = record(name, rate=44_100, waveform=waveform)
    heard = hear(path, session, 0.5, 0.5)
    assert heard.filepath == str(path)
    edges = [edge for one in heard.stretches for edge in (one.start_s, one.end_s)]
    # Two blocks, in which the stand-in's state dies away, and a codec's delay.
    assert edges == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.12)


def test_recordings_come_in_order_and_the_same_on_any_number_of_threads(record, session) -> None:
    paths = [
        record(f"{n}.wav", rate=RATE, waveform=loud((0.2 * n, 2.0)), subtype="FLOAT")
        for n in range(5)
    ]
    one, three = (list(hear_all(paths, session, 0.5, 0.2, workers)) for workers in (1, 3))
    assert one == three
    assert [heard.filepath for heard in one] == [str(path) for path in paths]
    assert [round(heard.stretches[0].start_s, 1) for heard in one] == [0.0, 0.2, 0.4, 0.6, 0.8]


def test_of_a_truncated_recording_what_is_there_is_heard(record, cut, session, caplog) -> None:
    path = cut(record("a.flac", rate=RATE, waveform=loud((0.0, 1.0), seconds=8.0)), 0.7)
    with caplog.at_level(logging.WARNING, "oscine"):
        assert len(hear(path, session, 0.5, 0.5).stretches) == 1


def test_a_recording_that_vanished_is_warned_of_and_has_no_speech(
    tmp_path, session, caplog
) -> None:
    with caplog.at_level(logging.WARNING, "oscine"):
        assert hear(tmp_path / "gone.wav", session, 0.5, 0.5).stretches == ()
    assert "gone.wav" in caplog.text


def test_a_missing_package_is_an_error_that_says_how_to_install_it(monkeypatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install --no-deps silero-vad"):
        speech_model_path()


def test_the_package_is_found_without_being_imported(tmp_path, monkeypatch) -> None:
    package = tmp_path / "silero_vad"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('torch')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="without its model"):
        speech_model_path()
    model = package / "data" / "silero_vad.onnx"
    model.touch()
    assert speech_model_path() == model
    assert "silero_vad" not in sys.modules


@pytest.mark.parametrize("content", [None, b"", b"no model"])
def test_a_missing_or_damaged_model_is_a_typed_error(tmp_path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"no usable model of speech.*model\.onnx"):
        open_speech_model(path)


def test_a_model_of_another_kind_is_a_typed_error(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"\['probability', 'stateN'\], not \['input'"):
        open_speech_model(write_stand_in(tmp_path / "other.onnx", output="probability"))


@pytest.fixture
def real_session():
    if importlib.util.find_spec("silero_vad") is None:
        pytest.skip("NO silero-vad: the real speech model is not tested on this machine")
    return open_speech_model(speech_model_path())


def test_the_real_model_hears_a_voice_among_birds_where_it_is(record, real_session) -> None:
    waveform = 0.3 * chirps(3, 12.0, RATE)
    waveform[4 * RATE : 8 * RATE] += voice(4.0)
    heard = hear(record("a.flac", rate=RATE, waveform=waveform), real_session, 0.5, 0.5)
    inside = sum(min(s.end_s, 8.0) - max(s.start_s, 4.0) for s in heard.stretches)
    outside = sum(s.end_s - s.start_s for s in heard.stretches) - inside
    assert inside > 2.0
    assert outside < 0.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_real_model_hears_no_voice_in_chirps(record, real_session, seed: int) -> None:
    path = record("a.flac", rate=RATE, waveform=chirps(seed, 12.0, RATE))
    assert hear(path, real_session, 0.5, 0.5).stretches == ()
