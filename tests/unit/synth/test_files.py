"""Files: the same bytes every time, readable unless broken on purpose."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile as sf

from oscine.core import Reason, generator
from oscine.synth.config import sized
from oscine.synth.entries import Entry
from oscine.synth.files import encode, entry_bytes, with_fixed_serial, without_date
from oscine.synth.plan import make_plan

CONFIG = sized("tiny")
PLAN = make_plan(CONFIG)
NOISE = 0.1 * generator(0, "test").standard_normal((80_000, 2)).astype(np.float32)


def broken(reason: Reason, suffix: str | None = None) -> Entry:
    return next(e for e in PLAN.entries if e.defect is reason and suffix in (None, e.suffix))


@pytest.mark.parametrize("suffix", [".ogg", ".flac", ".wav"])
def test_equal_waveforms_give_equal_bytes(suffix: str) -> None:
    assert encode(NOISE, 24_000, suffix) == encode(NOISE, 24_000, suffix)


@pytest.mark.parametrize("suffix", [".ogg", ".flac", ".wav"])
def test_a_file_decodes_to_its_length_channels_and_rate(suffix: str) -> None:
    wave, rate = sf.read(io.BytesIO(encode(NOISE, 24_000, suffix)), always_2d=True)
    assert wave.shape == NOISE.shape
    assert rate == 24_000


def test_two_writes_of_a_wav_differ_in_their_date_only() -> None:
    early = bytearray(encode(NOISE, 24_000, ".wav"))
    late = bytearray(early)
    at = late.index(b"PEAK") + 12
    late[at : at + 4] = b"late"
    assert without_date(bytes(late)) == bytes(early)
    np.testing.assert_array_equal(sf.read(io.BytesIO(early))[0], NOISE)


def test_a_new_serial_number_changes_no_sound_and_can_be_taken_back() -> None:
    data = encode(NOISE, 24_000, ".ogg")
    renumbered = with_fixed_serial(data, serial=77)
    assert renumbered != data
    np.testing.assert_array_equal(sf.read(io.BytesIO(renumbered))[0], sf.read(io.BytesIO(data))[0])
    assert with_fixed_serial(renumbered) == data


def test_the_checksum_is_the_one_that_libsndfile_writes() -> None:
    stream = io.BytesIO()
    sf.write(stream, NOISE, 24_000, format="OGG", subtype="VORBIS")
    data = stream.getvalue()
    assert with_fixed_serial(data, int.from_bytes(data[14:18], "little")) == data


def test_a_silent_file_is_silent() -> None:
    wave, _ = sf.read(io.BytesIO(entry_bytes(CONFIG, broken(Reason.SILENT))))
    assert np.abs(wave).max() == 0.0


def test_a_non_finite_file_holds_nan_and_sound() -> None:
    wave, _ = sf.read(io.BytesIO(entry_bytes(CONFIG, broken(Reason.NON_FINITE))))
    assert 0.1 < np.isnan(wave).mean() < 0.3


def test_an_empty_file_is_empty() -> None:
    assert entry_bytes(CONFIG, broken(Reason.EMPTY)) == b""


def test_garbage_is_no_audio() -> None:
    with pytest.raises(sf.LibsndfileError):
        sf.read(io.BytesIO(entry_bytes(CONFIG, broken(Reason.UNREADABLE))))


def test_a_truncated_flac_promises_more_than_it_holds() -> None:
    data = entry_bytes(CONFIG, broken(Reason.TRUNCATED, ".flac"))
    with sf.SoundFile(io.BytesIO(data)) as sound, pytest.raises(sf.LibsndfileError):
        sound.read()


def test_a_cut_ogg_decodes_to_less_than_was_recorded() -> None:
    entry = next(e for e in PLAN.entries if str(e.path) in PLAN.planted.cut_ogg)
    whole = sf.info(io.BytesIO(entry_bytes(CONFIG, Entry(**{**vars(entry), "kept": 1.0}))))
    assert 0.3 < sf.info(io.BytesIO(entry_bytes(CONFIG, entry))).duration / whole.duration < 0.9
