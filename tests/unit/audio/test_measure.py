import warnings
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from oscine.audio.measure import SILENCE_DBFS, Measurement, measure, measure_all
from oscine.core import Reason, RemoteError, hash_file


def test_a_full_scale_sine_has_its_textbook_level(record):
    sine = 0.5 + 0.5 * np.sin(2 * np.pi * 1_000 * np.arange(48_000) / 48_000)
    path = record("a.wav", rate=48_000, waveform=sine.astype(np.float32), subtype="FLOAT")
    found = measure(path)
    assert found.reason is None
    assert (found.duration_s, found.promised_s) == (1.0, 1.0)
    # 32-bit sums over 48,000 values.
    assert found.peak == pytest.approx(1.0, abs=1e-6)
    assert found.dc_offset == pytest.approx(0.5, abs=1e-5)
    assert found.rms_dbfs == pytest.approx(10 * np.log10(0.25 + 0.125), abs=1e-3)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
def test_measures_agree_with_the_whole_decoded_at_once(record, name):
    path = record(name, channels=2, seconds=9.0)
    values = soundfile.read(path, always_2d=True)[0]
    found = measure(path)
    assert (found.sample_rate, found.n_channels) == (44_100, 2)
    assert found.duration_s == len(values) / 44_100
    # 32-bit sums within a block of 131,072 values, 64-bit ones over blocks.
    assert found.peak == pytest.approx(np.abs(values).max(), abs=1e-6)
    assert found.dc_offset == pytest.approx(values.mean(), abs=1e-6)
    assert found.rms_dbfs == pytest.approx(10 * np.log10((values**2).mean()), abs=1e-3)


def test_the_file_itself_is_named_by_its_bytes(record):
    path = record("a.wav")
    found = measure(path)
    status = path.stat()
    assert found.content_hash == hash_file(path)
    assert (found.size_bytes, found.modified_ns) == (status.st_size, status.st_mtime_ns)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
def test_clipped_values_are_counted_in_any_depth(record, subtype):
    waveform = np.full(10_000, 0.5, np.float32)
    waveform[:100], waveform[100:200] = 1.0, -1.0
    found = measure(record("a.wav", waveform=waveform, subtype=subtype))
    assert found.clipped_fraction == 0.02


def test_digital_silence_has_a_level_that_is_a_number(record):
    found = measure(record("a.wav", waveform=np.zeros(1_000, np.float32)))
    assert (found.rms_dbfs, found.peak, found.reason) == (SILENCE_DBFS, 0.0, None)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_counted_and_left_out(record, bad):
    waveform = np.full(1_000, 0.5, np.float32)
    waveform[[3, 500, 999]] = bad
    found = measure(record("a.wav", waveform=waveform, subtype="FLOAT"))
    assert (found.reason, found.n_non_finite) == (Reason.NON_FINITE, 3)
    assert (found.peak, found.dc_offset) == (0.5, 0.5)


def test_huge_values_do_not_overflow(record):
    waveform = np.full(1_000, 1e30, np.float32)
    found = measure(record("a.wav", waveform=waveform, subtype="FLOAT"))
    assert found.reason is None
    assert found.rms_dbfs == pytest.approx(600.0, abs=1e-3)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3"])
def test_a_cut_file_is_measured_up_to_the_cut(record, cut, name):
    found = measure(cut(record(name, seconds=10.0), 0.6))
    assert found.reason is Reason.TRUNCATED
    assert found.promised_s == pytest.approx(10.0, abs=0.1)
    assert 4.0 < found.duration_s < 8.0
    assert found.peak > 0.3
    assert "10.0" in found.detail


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, Reason.MISSING), (b"", Reason.EMPTY), (b"no audio at all" * 99, Reason.UNREADABLE)],
)
def test_a_bad_file_is_a_row_not_an_exception(tmp_path, content, reason):
    path = tmp_path / "bad.mp3"
    if content is not None:
        path.write_bytes(content)
    found = measure(path)
    assert (found.filepath, found.reason) == (str(path), reason)
    assert found.detail


def test_a_folder_is_a_row_too(tmp_path):
    assert measure(tmp_path).reason is Reason.UNREADABLE


def test_many_files_come_in_their_order(record, tmp_path):
    paths = [record(f"{i}.wav", seconds=0.1 * (i % 3 + 1)) for i in range(9)]
    paths.insert(4, tmp_path / "gone.wav")
    assert [found.filepath for found in measure_all(paths, workers=4)] == list(map(str, paths))


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("awkward", {None: 19, Reason.EMPTY: 1}),
        ("animals/frog", {None: 22}),
        ("india/Bengal Florican", {None: 8}),
        ("uk/train_audio/blutit", {None: 3}),
    ],
)
def test_real_files_are_measured_without_a_warning(real_data, folder, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = list(measure_all(sorted((real_data / folder).iterdir())))
    assert Counter(measurement.reason for measurement in found) == expected


def test_landmarks_are_taken_in_the_same_pass_when_asked_for(record):
    path = record("a.wav", channels=2)
    plain, more = measure(path), measure(path, fingerprint=True)
    assert plain.landmarks is None
    assert more.landmarks is not None
    assert len(more.landmarks.at_ms) > 10
    assert replace(more, landmarks=None) == plain


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_broken_values_do_not_stop_the_landmarks(record, bad):
    waveform = np.full(44_100, 0.5, np.float32)
    waveform[[3, 500, 999]] = bad
    path = record("a.wav", waveform=waveform, subtype="FLOAT")
    assert measure(path, fingerprint=True).landmarks is not None


def test_a_measurement_of_nothing_is_all_zeros():
    assert Measurement("a.wav").duration_s == 0.0


def test_remote_files_are_measured_like_their_files_and_a_lost_one_is_missing(record, web):
    paths = [record(f"www/{name}") for name in ("a.ogg", "b.wav")]
    urls = [f"{web.url}/{name}" for name in ("a.ogg", "b.wav", "lost.ogg")]
    *found, lost = measure_all(urls)
    for there, here in zip(found, measure_all(paths), strict=True):
        assert replace(there, filepath="", modified_ns=0) == replace(
            here, filepath="", modified_ns=0
        )
    assert [one.filepath for one in [*found, lost]] == urls
    assert lost.reason is Reason.MISSING
    assert web.count("GET", "/a.ogg") == 1


def test_a_dead_connection_stops_the_measuring_and_condemns_no_file(web):
    urls = [f"{web.url}/{number}.ogg" for number in range(99)]
    web.stop()
    with pytest.raises(RemoteError, match="cannot be reached"):
        list(measure_all(urls))
