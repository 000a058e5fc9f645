from __future__ import annotations

import base64
import io

import matplotlib.image
import numpy as np
import pytest
import soundfile

from oscine.report.thumbnails import (
    HEIGHT,
    LEVELS,
    LONGEST_S,
    SAMPLE_RATE,
    WIDTH,
    png_address,
    shades,
    thumbnail,
)


def tone(frequency_hz: float, seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return 0.5 * np.sin(2 * np.pi * frequency_hz * t)


def pixels(address: str) -> np.ndarray:
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    return matplotlib.image.imread(io.BytesIO(data), format="png")


def test_a_high_tone_is_bright_at_the_top():
    picture = shades(tone(14_000, LONGEST_S))
    # The last frame starts before the end.
    assert picture.shape == (HEIGHT, pytest.approx(WIDTH, abs=2))
    bright = picture.mean(axis=1).argmax()
    assert bright == pytest.approx(HEIGHT * (1 - 14 / 16), abs=1)


def test_a_shorter_recording_makes_a_narrower_picture():
    assert shades(tone(2000, LONGEST_S / 2)).shape[1] == pytest.approx(WIDTH / 2, abs=4)


@pytest.mark.parametrize("n_samples", [1, 700])
def test_a_moment_is_still_a_picture(n_samples):
    picture = shades(np.zeros(n_samples))
    assert picture.shape[0] == HEIGHT
    assert picture.shape[1] >= 1


def test_shades_are_few_and_within_bounds():
    noise = np.random.default_rng(0).normal(size=SAMPLE_RATE)
    values = np.unique(shades(noise))
    assert 0.0 <= values.min() < values.max() <= 1.0
    assert len(values) <= LEVELS


def test_a_picture_survives_its_encoding():
    picture = shades(tone(4000, 1.0))
    assert pixels(png_address(picture)).shape == (*picture.shape, 4)


def test_a_passage_is_drawn_not_the_start(tmp_path):
    sound = np.concatenate([tone(2000, 2.0), tone(12_000, 2.0)])
    soundfile.write(tmp_path / "a.wav", sound, SAMPLE_RATE)
    first = pixels(thumbnail(tmp_path / "a.wav", 0.0, 1.5)).sum(axis=(1, 2)).argmax()
    second = pixels(thumbnail(tmp_path / "a.wav", 2.5, 4.0)).sum(axis=(1, 2)).argmax()
    assert first > second


def test_what_cannot_be_read_has_no_picture(tmp_path):
    (tmp_path / "no.wav").write_bytes(b"nothing")
    assert thumbnail(tmp_path / "no.wav") == ""
    assert thumbnail(tmp_path / "absent.wav") == ""
