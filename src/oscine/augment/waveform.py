"""Augmentations of waveforms, in place, on the rows that were drawn.

Each has its slow twin in `tests/oracles/augment_slow.py`. All but `change_speed`, `filter_band` and
`add_reverb`, which transform the clip, cost a pass or two over it.

Source: Butterworth (1930) for the filters' gain; Polack (1988) for noise of exponential decay as
the response of a room.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from oscine.augment.config import (
    ColoredNoiseConfig,
    FilterConfig,
    GainConfig,
    NoiseConfig,
    ReverbConfig,
    SpeedConfig,
    TimeShiftConfig,
)
from oscine.augment.draws import Draws

Waveforms = Float[Tensor, "batch time"]
"""Full scale is 1."""

Rows = Sequence[int]
"""Rows of the batch that are changed."""


def change_gain(
    waveforms: Waveforms, rows: Rows, config: GainConfig, draws: Draws, _rate: int = 0
) -> None:
    """Multiply by a drawn gain."""
    gain_db = draws.between("gain-db", config.min_db, config.max_db)
    for row in rows:
        waveforms[row] *= 10.0 ** (gain_db[row] / 20.0)


def flip_polarity(
    waveforms: Waveforms, rows: Rows, _config: object = None, _draws: object = None, _rate: int = 0
) -> None:
    """Turn upside down."""
    for row in rows:
        waveforms[row].neg_()


def shift_time(
    waveforms: Waveforms, rows: Rows, config: TimeShiftConfig, draws: Draws, _rate: int = 0
) -> None:
    """Shift by a drawn fraction of the window; what leaves comes back, or is lost."""
    fraction = draws.between("time-shift-by", -config.max_fraction, config.max_fraction)
    for row in rows:
        by = round(fraction[row] * waveforms.shape[1])
        waveforms[row] = waveforms[row].roll(by)
        if config.fill == "pad" and by:
            waveforms[row, slice(by) if by > 0 else slice(by, None)] = 0.0


def change_speed(
    waveforms: Waveforms, rows: Rows, config: SpeedConfig, draws: Draws, _rate: int = 0
) -> None:
    """Play faster or slower, by a resampling that no frequency is lost by.

    A slower clip is cut at the window's end; a faster one goes round.
    """
    n = waveforms.shape[1]
    factor = draws.between("speed-factor", config.min_factor, config.max_factor)
    for row in rows:
        length = _smooth(n / factor[row])
        spectrum = torch.fft.rfft(waveforms[row])
        # What lies at or above the lower of the two Nyquist frequencies is left out.
        played = torch.fft.irfft(spectrum[: min(n, length) // 2], length) * (length / n)
        repeats = -(-n // length)
        waveforms[row] = played.repeat(repeats)[:n]


def _smooth(length: float) -> int:
    """Round to a multiple of 1024: a length with a large prime factor takes ten times as long."""
    return max(1024, round(length / 1024) * 1024)


def filter_band(
    waveforms: Waveforms, rows: Rows, config: FilterConfig, draws: Draws, sample_rate: int
) -> None:
    """Take out what lies above or below a drawn frequency, without delay."""
    low = draws.between("low-pass-hz", config.low_pass_min_hz, config.low_pass_max_hz)
    high = draws.between("high-pass-hz", config.high_pass_min_hz, config.high_pass_max_hz)
    is_low = draws.values("filter-kind")[:, 0] < 0.5
    for row in rows:
        cutoff_hz = low[row] if is_low[row] else high[row]
        # By then the response has died away: its slowest part decays with the cut-off and the
        # order, and the bend of a low-pass at Nyquist has a long, very faint tail.
        reach = max(1024, math.ceil(2.0 * config.order / cutoff_hz * sample_rate))
        length = _block(2 * reach)
        frequency = torch.arange(length // 2 + 1, device=waveforms.device) * (sample_rate / length)
        above = frequency.clamp(min=1e-3)  # the constant has no ratio to a cut-off
        ratio = above / cutoff_hz if is_low[row] else cutoff_hz / above
        gain = (1.0 + ratio.pow_(2 * config.order)).rsqrt_()
        waveforms[row] = _convolve(waveforms[row], gain, reach, reach)


def _block(reach: int) -> int:
    """Choose a length of block, at least half of which is not spent on the neighbours."""
    return max(8192, 1 << (2 * reach - 1).bit_length())


def _convolve(waveform: Tensor, gain: Tensor, before: int, after: int) -> Tensor:
    """Convolve by blocks that stay in the cache (overlap-save); beyond the ends is silence.

    Args:
        waveform: [time].
        gain: The response's spectrum over half a block and one, [block / 2 + 1].
        before: Values before a place that matter to it.
        after: Values after it that do.

    Returns:
        As long as the waveform.
    """
    n, length = len(waveform), 2 * (len(gain) - 1)
    step = length - before - after
    silence = (before, -n % step + after)
    blocks = torch.nn.functional.pad(waveform, silence).unfold(0, length, step)
    made: Tensor = torch.fft.irfft(torch.fft.rfft(blocks).mul_(gain), length)
    return made[:, before : before + step].reshape(-1)[:n]


def add_reverb(
    waveforms: Waveforms,
    rows: Rows,
    config: ReverbConfig,
    draws: Draws,
    sample_rate: int,
    responses: Sequence[Tensor] = (),
) -> None:
    """Add echoes by a drawn one of the recorded responses, or by a made one.

    Their energy is that of the direct sound, less a drawn distance.
    """
    decay_s = draws.between("reverb-decay-s", config.decay_min_s, config.decay_max_s)
    direct_db = draws.between("reverb-direct-db", config.direct_min_db, config.direct_max_db)
    which = draws.values("reverb-which")[:, 0]
    for row in rows:
        if responses:
            response = responses[int(which[row] * len(responses))]
        else:
            response = _decaying_noise(decay_s[row], sample_rate, row, draws)
        echo = response / response.norm().clamp(min=1e-9) * 10.0 ** (-direct_db[row] / 20.0)
        spectrum = torch.fft.rfft(echo, _block(len(echo)))
        waveforms[row] += _convolve(waveforms[row], spectrum, len(echo) - 1, 0)


def _decaying_noise(decay_s: float, sample_rate: int, row: int, draws: Draws) -> Tensor:
    n = round(decay_s * sample_rate)
    place = torch.arange(n, device=draws.device)
    # The power falls by 60 dB, the amplitude by a factor of 1000, within `decay_s`.
    return draws.noise("reverb-response", row, n) * torch.exp(place * (-math.log(1000.0) / n))


def add_noise(
    waveforms: Waveforms, rows: Rows, config: NoiseConfig, draws: Draws, _rate: int = 0
) -> None:
    """Add white Gaussian noise of a drawn level."""
    sigma = draws.between("noise-sigma", config.sigma_min, config.sigma_max)
    for row in rows:
        noise = draws.noise("noise-wave", row, waveforms.shape[1])
        waveforms[row].add_(noise, alpha=float(sigma[row]))


def add_colored_noise(
    waveforms: Waveforms, rows: Rows, config: ColoredNoiseConfig, draws: Draws, _rate: int = 0
) -> None:
    """Add noise of a drawn slope, a drawn distance below the clip's own level."""
    which = draws.values("colored-noise-slope")[:, 0]
    snr_db = draws.between("colored-noise-snr", config.snr_min_db, config.snr_max_db)
    for row in rows:
        slope = config.slopes[int(which[row] * len(config.slopes))]
        noise = draws.noise("colored-noise-wave", row, waveforms.shape[1], slope)
        add_below(waveforms[row], noise, float(snr_db[row]))


def add_below(waveform: Tensor, other: Tensor, snr_db: float) -> None:
    """Add another sound at a signal-to-noise ratio; to silence, or of silence, nothing is added.

    Args:
        waveform: Changed in place, [time].
        other: Of the same length.
        snr_db: Level of the waveform over it, dB.
    """
    level, other_level = waveform.square().mean().sqrt(), other.square().mean().sqrt()
    ratio = level / other_level.clamp(min=1e-9) * 10.0 ** (-snr_db / 20.0)
    waveform.add_(other * ratio)
