"""Seconds and hertz to counts of audio samples: the only place that rounds."""

from __future__ import annotations


def seconds_to_samples(duration_s: float, sample_rate: int) -> int:
    """Convert a duration to a count of audio samples, rounded to the nearest.

    Args:
        duration_s: Seconds, not negative.
        sample_rate: Hz.

    Returns:
        The count.

    Example:
        >>> seconds_to_samples(10.0, 32_000)
        320000
    """
    return int(duration_s * sample_rate + 0.5)


def samples_to_seconds(n_samples: int, sample_rate: int) -> float:
    """Convert a count of audio samples to seconds.

    Example:
        >>> samples_to_seconds(48_000, 32_000)
        1.5
    """
    return n_samples / sample_rate


def hop_for_frames(n_samples: int, n_frames: int) -> int:
    """Find the hop that spreads `n_frames` centred frames over a window.

    Source: the reference recipe's `n_samples // (frames - 1)`.

    Example:
        >>> hop_for_frames(320_000, 384)
        835
    """
    return max(1, n_samples // max(1, n_frames - 1))


def resampled_length(n_samples: int, from_rate: int, to_rate: int) -> int:
    """Predict how many samples a resampled waveform has (the ceiling).

    Example:
        >>> resampled_length(44_100, 44_100, 32_000)
        32000
    """
    return -(-n_samples * to_rate // from_rate)
