import numpy as np
import pytest
import soxr

from oscine.audio.resample import (
    WINDOW_TOLERANCE,
    Span,
    in_blocks_of,
    margin_frames,
    mix_down,
    resample_blocks,
    resample_window,
)
from oscine.core import generator, resampled_length

RATES = [
    (8_000, 32_000),
    (11_025, 32_000),
    (16_000, 32_000),
    (22_050, 32_000),
    (44_100, 32_000),
    (44_099, 32_000),
    (22_255, 32_000),
    (48_001, 32_000),
    (48_000, 32_000),
    (96_000, 44_100),
    (192_000, 32_000),
    (192_000, 8_000),
    (44_100, 48_000),
    (32_000, 32_000),
]


def noise(n):
    return generator(1, "noise", n).uniform(-1, 1, n).astype(np.float32)


def whole_of(x, from_rate, to_rate):
    """The oracle: soxr at once, over silence behind the end."""
    if from_rate == to_rate:
        return x
    padded = np.concatenate([x, np.zeros(from_rate, np.float32)])
    resampled = soxr.resample(padded, from_rate, to_rate, "HQ")
    return resampled[: resampled_length(len(x), from_rate, to_rate)]


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
@pytest.mark.parametrize("start_s", [0.0, 0.003, 1.2345, 2.7])
def test_a_window_equals_the_slice_of_the_whole(from_rate, to_rate, start_s):
    x = noise(3 * from_rate)
    out_start, n_out = int(start_s * to_rate), to_rate // 2
    span = Span.at(out_start, from_rate, to_rate)
    read = x[span.start : span.start + span.n_frames(n_out)]
    window = resample_window(read, span, n_out)
    expected = whole_of(x, from_rate, to_rate)[out_start : out_start + n_out]
    assert len(window) == len(expected)
    np.testing.assert_allclose(window, expected, rtol=0, atol=WINDOW_TOLERANCE)


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
@pytest.mark.parametrize("n_frames", [1, 7, 1_000, 12_345])
def test_the_whole_has_the_ceiling_of_its_length(from_rate, to_rate, n_frames):
    span = Span.at(0, from_rate, to_rate)
    n_samples = len(resample_window(noise(n_frames), span, None))
    assert n_samples == resampled_length(n_frames, from_rate, to_rate)


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
@pytest.mark.parametrize("start_s", [0.0, 0.5])
def test_blocks_end_to_end_are_the_whole(from_rate, to_rate, start_s):
    x = noise(2 * from_rate + 17)
    out_start = int(start_s * to_rate)
    span = Span.at(out_start, from_rate, to_rate)
    native = np.array_split(x[span.start :], 7)
    resampled = np.concatenate(list(resample_blocks(native, span)))
    expected = whole_of(x, from_rate, to_rate)[out_start:]
    assert len(resampled) == len(expected)
    np.testing.assert_allclose(resampled, expected, rtol=0, atol=WINDOW_TOLERANCE)


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
def test_reading_starts_on_the_targets_grid(from_rate, to_rate):
    span = Span.at(54_321, from_rate, to_rate)
    assert span.start * to_rate % from_rate == 0
    assert span.skip == 54_321 - span.start * to_rate // from_rate


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
def test_a_tone_keeps_its_pitch_and_level(from_rate, to_rate):
    frequency_hz = 0.3 * min(from_rate, to_rate)
    frames = np.arange(from_rate)
    x = np.sin(2 * np.pi * frequency_hz * frames / from_rate).astype(np.float32)
    y = resample_window(x, Span.at(0, from_rate, to_rate), None)
    expected = np.sin(2 * np.pi * frequency_hz * np.arange(to_rate) / to_rate)
    inner = slice(to_rate // 4, -to_rate // 4)
    # The ripple of soxr HQ's pass band, measured 3e-5 (0.0003 dB).
    np.testing.assert_allclose(y[inner], expected[inner], rtol=0, atol=1e-4)


def test_no_margin_is_read_at_the_native_rate():
    assert margin_frames(32_000, 32_000) == 0
    assert Span.at(100, 32_000, 32_000).n_frames(50) == 50


@pytest.mark.parametrize("n_channels", [1, 2, 3, 8])
def test_the_mean_of_channels_is_their_mean(n_channels):
    block = noise(1_000 * n_channels).reshape(-1, n_channels)
    # A sum of eight 32-bit values, rounded after each.
    np.testing.assert_allclose(mix_down(block, "mean"), block.mean(axis=1), rtol=0, atol=1e-6)


def test_the_first_channel_is_taken_alone():
    block = noise(3_000).reshape(-1, 3)
    np.testing.assert_array_equal(mix_down(block, "first"), block[:, 0])


@pytest.mark.parametrize("n_samples", [1, 3, 10, 64, 1_000])
def test_regrouped_blocks_have_one_length_and_lose_nothing(n_samples):
    x = noise(100)
    blocks = list(in_blocks_of(np.split(x, [0, 5, 5, 40, 99]), n_samples))
    assert {len(block) for block in blocks[:-1]} <= {n_samples}
    assert 0 < len(blocks[-1]) <= n_samples
    np.testing.assert_array_equal(np.concatenate(blocks), x)
