import numpy as np
import pytest
import torch

from oracles import augment_slow
from oscine.augment import (
    ColoredNoiseConfig,
    FilterConfig,
    GainConfig,
    NoiseConfig,
    ReverbConfig,
    SpeedConfig,
    TimeShiftConfig,
)
from oscine.augment.draws import Draws
from oscine.augment.waveform import (
    add_below,
    add_colored_noise,
    add_noise,
    add_reverb,
    change_gain,
    change_speed,
    filter_band,
    flip_polarity,
    shift_time,
)

CPU = torch.device("cpu")
N, RATE = 20_000, 16_000
FILTER = FilterConfig(low_pass_max_hz=6_000.0)

EACH = {
    "gain": lambda w, rows, d: change_gain(w, rows, GainConfig(), d),
    "polarity": lambda w, rows, _: flip_polarity(w, rows),
    "time shift": lambda w, rows, d: shift_time(w, rows, TimeShiftConfig(), d),
    "time shift, pad": lambda w, rows, d: shift_time(w, rows, TimeShiftConfig(fill="pad"), d),
    "speed": lambda w, rows, d: change_speed(w, rows, SpeedConfig(), d),
    "filter": lambda w, rows, d: filter_band(w, rows, FILTER, d, RATE),
    "reverb": lambda w, rows, d: add_reverb(w, rows, ReverbConfig(), d, RATE),
    "noise": lambda w, rows, d: add_noise(w, rows, NoiseConfig(), d),
    "colored noise": lambda w, rows, d: add_colored_noise(w, rows, ColoredNoiseConfig(), d),
}
"""Every augmentation, with its defaults."""


def batch(n=6, level=0.1):
    rng = np.random.default_rng(0)
    waveforms = torch.from_numpy((rng.standard_normal((n, N)) * level).astype(np.float32))
    return waveforms, Draws(3, 1, tuple(range(n)), CPU)


@pytest.mark.parametrize("name", EACH)
def test_only_the_rows_that_were_drawn_change(name):
    before, draws = batch()
    after = before.clone()
    EACH[name](after, [1, 4], draws)
    changed = (after != before).any(dim=1)
    assert changed.nonzero()[:, 0].tolist() == [1, 4]


@pytest.mark.parametrize("name", EACH)
def test_a_clip_is_augmented_alike_alone_and_in_a_batch(name):
    together, draws = batch()
    alone = together[4:5].clone()
    EACH[name](together, range(6), draws)
    EACH[name](alone, [0], Draws(3, 1, (4,), CPU))
    assert torch.equal(together[4], alone[0])


@pytest.mark.parametrize("sound", ["silence", "clipping", "a constant"])
@pytest.mark.parametrize("name", EACH)
def test_the_result_is_finite(name, sound):
    waveforms = {
        "silence": torch.zeros(2, N),
        "clipping": batch(2, level=100.0)[0].sign(),
        "a constant": torch.full((2, N), 0.7),
    }[sound]
    EACH[name](waveforms, [0, 1], Draws(0, 0, (0, 1), CPU))
    assert torch.isfinite(waveforms).all()


@pytest.mark.parametrize("name", sorted(EACH.keys() - {"noise"}), ids=lambda name: name)
def test_silence_stays_silent_under_all_but_noise_of_a_given_level(name):
    silence, draws = batch(level=0.0)
    EACH[name](silence, range(6), draws)
    assert not silence.any()


def test_gain_equals_its_oracle_and_stays_in_its_range():
    waveforms, draws = batch()
    given = waveforms.clone()
    config = GainConfig(min_db=-6.0, max_db=3.0)
    change_gain(waveforms, range(6), config, draws)
    gain_db = draws.between("gain-db", -6.0, 3.0)
    for row in range(6):
        expected = augment_slow.gain(given[row].numpy(), gain_db[row])
        assert np.allclose(waveforms[row], expected, rtol=1e-6)
    assert -6.0 <= gain_db.min() < gain_db.max() < 3.0


@pytest.mark.parametrize("fill", ["wrap", "pad"])
def test_a_time_shift_equals_its_oracle_either_way(fill):
    waveforms, draws = batch()
    given = waveforms.clone()
    shift_time(waveforms, range(6), TimeShiftConfig(fill=fill, max_fraction=0.3), draws)
    by = np.round(draws.between("time-shift-by", -0.3, 0.3) * N).astype(int)
    assert by.min() < 0 < by.max()
    for row in range(6):
        assert np.array_equal(waveforms[row], augment_slow.shift(given[row].numpy(), by[row], fill))


def test_speed_equals_its_oracle_slower_and_faster():
    waveforms, draws = batch()
    given = waveforms.clone()
    change_speed(waveforms, range(6), SpeedConfig(min_factor=0.8, max_factor=1.25), draws)
    factor = draws.between("speed-factor", 0.8, 1.25)
    assert factor.min() < 1.0 < factor.max()
    for row in range(6):
        length = round(N / factor[row] / 1024) * 1024
        expected = augment_slow.speed(given[row].numpy(), length)
        # Single precision, transforms of 20,000 values.
        assert np.allclose(waveforms[row], expected, atol=1e-5)


def test_a_tone_is_heard_higher_by_the_speed():
    tone = torch.sin(2 * torch.pi * 2000 * torch.arange(N) / RATE)[None].clone()
    draws = Draws(0, 0, (0,), CPU)
    change_speed(tone, [0], SpeedConfig(min_factor=1.25, max_factor=1.25), draws)
    peak_hz = np.abs(np.fft.rfft(tone[0, :15_000])).argmax() * RATE / 15_000
    assert peak_hz == pytest.approx(2500, rel=0.03)  # the length is a multiple of 1024


def test_a_filter_equals_its_oracle_low_and_high():
    waveforms, draws = batch(8)
    given = waveforms.clone()
    filter_band(waveforms, range(8), FILTER, draws, RATE)
    low = draws.between("low-pass-hz", FILTER.low_pass_min_hz, FILTER.low_pass_max_hz)
    high = draws.between("high-pass-hz", FILTER.high_pass_min_hz, FILTER.high_pass_max_hz)
    kinds = np.where(draws.values("filter-kind")[:, 0] < 0.5, "low", "high")
    assert set(kinds) == {"low", "high"}
    for row, kind in enumerate(kinds):
        cutoff_hz = low[row] if kind == "low" else high[row]
        expected = augment_slow.band_filter(given[row].numpy(), RATE, cutoff_hz, 2, kind)
        assert np.allclose(waveforms[row], expected, atol=1e-5)


@pytest.mark.parametrize("recorded", [True, False])
def test_reverb_equals_its_oracle(recorded):
    waveforms, draws = batch(3)
    given = waveforms.clone()
    responses = [torch.rand(700, generator=torch.Generator().manual_seed(i)) for i in range(2)]
    config = ReverbConfig(decay_min_s=0.05, decay_max_s=0.1)
    add_reverb(waveforms, range(3), config, draws, RATE, responses if recorded else [])
    direct_db = draws.between("reverb-direct-db", config.direct_min_db, config.direct_max_db)
    decay_s = draws.between("reverb-decay-s", 0.05, 0.1)
    which = draws.values("reverb-which")[:, 0]
    for row in range(3):
        n = round(decay_s[row] * RATE)
        made = draws.noise("reverb-response", row, n).numpy() * 1000.0 ** (-np.arange(n) / n)
        response = responses[int(which[row] * 2)].numpy() if recorded else made
        expected = augment_slow.reverb(given[row].numpy(), response, direct_db[row])
        assert np.allclose(waveforms[row], expected, atol=1e-5)


def test_noise_has_a_drawn_level_within_its_range():
    silence, draws = batch(level=0.0)
    add_noise(silence, range(6), NoiseConfig(), draws)
    spread = silence.std(dim=1)
    # The standard deviation of 20,000 values is known to .5 %; 5 of them.
    assert (spread > 0.0025 * 0.975).all()
    assert (spread < 0.025 * 1.025).all()
    assert spread.unique().numel() == 6


def test_colored_noise_lies_the_drawn_distance_below_the_clip():
    waveforms, draws = batch()
    given = waveforms.clone()
    add_colored_noise(waveforms, range(6), ColoredNoiseConfig(slopes=(1.0,)), draws)
    added = waveforms - given
    snr_db = 20 * torch.log10(given.square().mean(1).sqrt() / added.square().mean(1).sqrt())
    drawn = draws.between("colored-noise-snr", 3.0, 30.0)
    assert np.allclose(snr_db, drawn, atol=0.01)


def test_a_sound_is_added_at_its_signal_to_noise_ratio():
    (own, other), _ = batch(2)
    expected = augment_slow.below(own.numpy(), other.numpy() * 30, 10.0)
    add_below(own, other * 30, 10.0)
    assert np.allclose(own, expected, atol=1e-6)
