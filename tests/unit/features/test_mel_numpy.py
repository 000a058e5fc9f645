from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import librosa
import numpy as np
import pytest
import scipy.signal

from oscine.audio import decode
from oscine.core import FeatureError
from oscine.features import FeatureConfig, LogMel, MelSpec, analysis_window, resolve
from oscine.features.filterbank import hz_to_mel, mel_to_hz
from oscine.features.mel_numpy import to_decibels
from oscine.features.pcen import averaging_matrix, pcen
from synthetic import make_spec, make_waveform


def librosa_mels(waveform: np.ndarray, spec: MelSpec) -> np.ndarray:
    mels = librosa.feature.melspectrogram(
        y=waveform,
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        win_length=spec.win_length,
        window=spec.window,
        center=True,
        pad_mode="reflect",
        power=spec.power,
        n_mels=spec.n_mels,
        fmin=spec.f_min_hz,
        fmax=spec.f_max_hz,
        htk=spec.mel_scale == "htk",
        norm="slaney" if spec.mel_norm == "slaney" else None,
    )
    return mels[:, : spec.n_frames]


@pytest.fixture(scope="module")
def song(real_data: Path) -> np.ndarray:
    path = real_data / "uk" / "train_audio" / "wlwwar" / "XC99529.ogg"
    return decode.read(path, 32_000, duration_s=10.0)


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman", "boxcar"])
@pytest.mark.parametrize("win_length", [256, 200, 101])
def test_the_window_is_scipys_periodic_one_centred(window: str, win_length: int) -> None:
    ours = analysis_window(make_spec(window=window, win_length=win_length))
    theirs = scipy.signal.get_window(window, win_length, fftbins=True)
    left = (256 - win_length) // 2
    # Single precision of values up to 1.
    np.testing.assert_allclose(ours[left : left + win_length], theirs, atol=1e-7)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"mel_scale": "htk", "mel_norm": "none"},
        {"win_length": 1024, "window": "hamming"},
        {"power": 1.0},
        {"n_frames": None, "hop_length": 320},
        {"n_fft": 1024, "n_mels": 64, "f_min_hz": 500.0, "f_max_hz": 12_000.0},
    ],
    ids=str,
)
def test_a_real_recordings_mels_are_librosas(song: np.ndarray, settings: dict[str, object]) -> None:
    spec = resolve(FeatureConfig(**settings), 32_000, 10.0)
    theirs = librosa_mels(song, spec)
    # 1e-4 relative, of what single precision resolves: the transform's rounding is 1e-7 of the
    # frame's peak magnitude, its square in power.
    floor = theirs.max() * (1e-9 if spec.power == 2.0 else 1e-6)
    np.testing.assert_allclose(LogMel(spec).mel_spectrogram(song), theirs, rtol=1e-4, atol=floor)


@pytest.mark.parametrize("padding", ["zeros", "none"])
def test_mels_with_other_padding_are_librosas(song: np.ndarray, padding: str) -> None:
    spec = resolve(FeatureConfig(padding=padding), 32_000, 10.0)
    theirs = librosa.feature.melspectrogram(
        y=song,
        sr=32_000,
        n_fft=2048,
        hop_length=spec.hop_length,
        center=padding != "none",
        pad_mode="constant",
        fmin=20.0,
        fmax=16_000.0,
    )
    mels = LogMel(spec).mel_spectrogram(song)
    assert mels.shape == (128, 384)
    np.testing.assert_allclose(mels, theirs[:, :384], rtol=1e-4, atol=theirs.max() * 1e-9)


def test_decibels_below_the_clips_own_peak_are_librosas(song: np.ndarray) -> None:
    spec = resolve(FeatureConfig(scaling="none", reference="peak"), 32_000, 10.0)
    theirs = librosa.power_to_db(librosa_mels(song, spec), ref=np.max, top_db=spec.top_db)
    np.testing.assert_allclose(LogMel(spec)(song[None])[0, 0], theirs, atol=8e-3)


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_nothing_that_matters(song: np.ndarray, threads: int) -> None:
    spec = resolve(FeatureConfig(), 32_000, 10.0)
    expected = LogMel(spec)(song[None])
    # The blocks have other lengths, and a product of matrices may add in another order.
    np.testing.assert_allclose(LogMel(spec, threads)(song[None]), expected, atol=1e-6)


def test_pcen_takes_the_place_of_decibels(song: np.ndarray) -> None:
    spec = resolve(FeatureConfig(scaling="pcen"), 32_000, 10.0)
    image = LogMel(spec)(song[None])[0, 0]
    expected = pcen(LogMel(spec).mel_spectrogram(song), spec, averaging_matrix(spec))
    np.testing.assert_array_equal(image, expected)


def test_deltas_are_the_slopes_of_the_image(song: np.ndarray) -> None:
    spec = resolve(FeatureConfig(channels=3, deltas=True), 32_000, 10.0)
    plane, first, second = LogMel(spec)(song[None])[0]
    for got, of in ((first, plane), (second, first)):
        theirs = librosa.feature.delta(of, width=9, mode="nearest")
        np.testing.assert_allclose(got, theirs, atol=1e-6)


@pytest.mark.parametrize("image_size", [(224, 224), (64, 500)])
def test_the_image_has_the_size_asked_for(song: np.ndarray, image_size: tuple[int, int]) -> None:
    spec = resolve(FeatureConfig(image_size=image_size, channels=3), 32_000, 10.0)
    assert LogMel(spec)(song[None]).shape == (1, *spec.image_shape) == (1, 3, *image_size)


def test_a_real_recordings_decibels_are_librosas(song: np.ndarray) -> None:
    spec = resolve(FeatureConfig(scaling="none"), 32_000, 10.0)
    theirs = librosa.power_to_db(librosa_mels(song, spec), ref=1.0, top_db=spec.top_db)
    # 1e-4 of the 80 dB range.
    np.testing.assert_allclose(LogMel(spec)(song[None])[0, 0], theirs, atol=8e-3)


def test_amplitude_and_power_give_the_same_decibels() -> None:
    mels = np.geomspace(1e-12, 1.0, 24, dtype=np.float32).reshape(4, 6)
    power = to_decibels(mels, make_spec(top_db=None, power=2.0))
    amplitude = to_decibels(np.sqrt(mels), make_spec(top_db=None, power=1.0))
    np.testing.assert_allclose(amplitude, power, atol=1e-4)
    assert power.min() == pytest.approx(-100.0)


def test_the_floor_is_below_the_clips_own_peak() -> None:
    mels = np.array([[1e-2, 1e-9]], dtype=np.float32)
    decibels = to_decibels(mels, make_spec(top_db=40.0))
    np.testing.assert_allclose(decibels, [[-20.0, -60.0]], atol=1e-4)


@pytest.mark.parametrize("scaling", ["minmax", "zscore", "fixed", "none"])
def test_a_clip_does_not_depend_on_its_neighbours(scaling: str) -> None:
    spec = make_spec(scaling=scaling)
    quiet = make_waveform(1.0) * np.float32(0.001)
    loud = make_waveform(1.0, seed=1)
    mel = LogMel(spec)
    alone = mel(quiet[None])
    together = mel(np.stack([loud, quiet, np.zeros_like(loud)]))
    np.testing.assert_array_equal(together[1], alone[0])


@pytest.mark.parametrize("scaling", ["minmax", "zscore"])
def test_silence_becomes_zeros(scaling: str) -> None:
    spec = make_spec(scaling=scaling)
    silence = np.zeros((1, spec.n_samples), dtype=np.float32)
    np.testing.assert_array_equal(LogMel(spec)(silence), 0.0)


@pytest.mark.parametrize("n_frames", [2, 20, 63, 64, 65, 129])
def test_the_image_has_exactly_the_frames_asked_for(n_frames: int) -> None:
    spec = make_spec(n_frames=n_frames, channels=3)
    image = LogMel(spec)(make_waveform(1.0)[None])
    assert image.shape == (1, 3, spec.n_mels, n_frames)
    np.testing.assert_array_equal(image[:, 0], image[:, 2])


@pytest.mark.parametrize("band", [3, 8, 14])
def test_a_pure_tone_peaks_in_its_own_mel_band(band: int) -> None:
    spec = make_spec(n_fft=512)
    low, high = hz_to_mel(np.array([spec.f_min_hz, spec.f_max_hz]), "slaney")
    centre_hz = mel_to_hz(np.linspace(low, high, spec.n_mels + 2), "slaney")[band + 1]
    tone = np.sin(2 * np.pi * centre_hz * np.arange(spec.n_samples) / spec.sample_rate)
    mels = LogMel(spec).mel_spectrogram(tone.astype(np.float32))
    assert set(mels[:, 2:-2].argmax(axis=0)) == {band}


def test_an_unknown_window_lists_the_choices() -> None:
    with pytest.raises(FeatureError, match="blackman"):
        analysis_window(replace(make_spec(), window="kaiser"))


@pytest.mark.parametrize("shape", [(8000,), (1, 7999), (1, 1, 8000)])
def test_waveforms_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(FeatureError, match="8000"):
        LogMel(make_spec())(np.zeros(shape, dtype=np.float32))
