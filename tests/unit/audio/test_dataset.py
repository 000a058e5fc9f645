import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscine.audio.cache import DecodeCache
from oscine.audio.config import AudioConfig
from oscine.audio.dataset import Clip, WindowReader, WindowRequest
from oscine.audio.decode import probe, read
from oscine.audio.resample import WINDOW_TOLERANCE
from oscine.core import ArtifactError, AudioError, Reason, generator, hash_file

CONFIG = AudioConfig(window_s=1.0)


def clip_of(path, **bounds):
    return Clip(str(path), probe(path).duration_s, hash_file(path), **bounds)


def test_a_window_of_a_long_recording_is_what_decoding_gives(record):
    path = record("a.ogg")
    reader = WindowReader([clip_of(path)], CONFIG)
    np.testing.assert_array_equal(reader.read(0, 1.2), read(path, 32_000, 1.2, 1.0))


def test_a_reader_gives_the_same_windows_in_another_process(record):
    reader = WindowReader([clip_of(record("a.ogg"))], CONFIG)
    twin = pickle.loads(pickle.dumps(reader))
    assert twin.findings == []
    np.testing.assert_array_equal(twin.read(0, 0.3), reader.read(0, 0.3))


@pytest.mark.parametrize("short", ["wrap", "pad", "repeat"])
@pytest.mark.parametrize("seconds", [0.1, 0.4, 0.999, 1.0, 1.5])
def test_every_window_has_the_same_length(record, short, seconds):
    config = CONFIG.model_copy(update={"short": short})
    reader = WindowReader([clip_of(record("a.wav", seconds=seconds))], config)
    assert reader.read(0).shape == (32_000,)


def test_a_short_clip_goes_round_and_round(record):
    path = record("a.wav", rate=32_000, seconds=0.25)
    window = WindowReader([clip_of(path)], CONFIG).read(0)
    np.testing.assert_array_equal(window, np.tile(read(path, 32_000), 4))


def test_the_last_window_of_a_long_recording_ends_in_silence(record):
    path = record("a.wav", rate=32_000, seconds=1.5)
    window = WindowReader([clip_of(path)], CONFIG).read(0, 1.0)
    np.testing.assert_array_equal(window[:16_000], read(path, 32_000, 1.0))
    assert not window[16_000:].any()


def test_a_clip_never_hears_what_stands_beside_it(record):
    waveform = np.repeat(np.array([0.9, 0.1, 0.9], np.float32), 32_000)
    path = record("a.wav", rate=32_000, waveform=waveform)
    clip = clip_of(path, start_s=1.0, end_s=2.0)
    config = AudioConfig(window_s=1.5)
    window = WindowReader([clip], config).read(0)
    # The 16-bit step of the file.
    np.testing.assert_allclose(window, 0.1, rtol=0, atol=4e-5)


@pytest.mark.parametrize(
    ("start_s", "end_s", "length_s"), [(0.0, None, 3.0), (1.0, None, 2.0), (1.0, 9.0, 2.0)]
)
def test_a_clip_ends_with_its_recording_at_the_latest(start_s, end_s, length_s):
    assert Clip("a.ogg", 3.0, start_s=start_s, end_s=end_s).length_s == length_s


def test_random_starts_differ_by_epoch_and_place_and_stay_inside(record):
    reader = WindowReader([clip_of(record("a.ogg", seconds=5.0))], CONFIG)
    starts = {reader.training_start(0, 1, epoch, place) for epoch in range(5) for place in range(5)}
    assert len(starts) == 25
    assert min(starts) >= 0.0
    assert max(starts) <= 4.0


def test_a_training_window_depends_on_its_arguments_only(record):
    clips = [clip_of(record("a.ogg"))]
    one = WindowReader(clips, CONFIG)
    one.read_training(0, seed=1, epoch=0, position=0)
    again = WindowReader(clips, CONFIG).read_training(0, seed=1, epoch=3, position=4)
    result = one.read_training(0, seed=1, epoch=3, position=4)
    assert result.ok
    assert result.start_s == again.start_s
    np.testing.assert_array_equal(result.waveform, again.waveform)


def test_the_first_policy_reads_the_beginning(record):
    path = record("a.ogg")
    reader = WindowReader([clip_of(path)], CONFIG.model_copy(update={"crop": "first"}))
    assert reader.training_start(0, 1, 2, 3) == 0.0


def test_the_loudest_policy_finds_the_call_more_often(record):
    waveform = 0.01 * generator(1, "quiet").standard_normal(32_000 * 10)
    waveform[32_000 * 6 : 32_000 * 7] *= 50
    clip = clip_of(record("a.wav", rate=32_000, waveform=waveform.astype(np.float32)))

    def part_with_call(crop):
        reader = WindowReader([clip], CONFIG.model_copy(update={"crop": crop}))
        starts = [reader.training_start(0, 1, 0, place) for place in range(60)]
        return np.mean([5.0 < start_s < 7.0 for start_s in starts])

    # A window of 1 s overlaps the call with chance 2/9; the best of four with 1 - (7/9)^4 = 0.63.
    # Four standard deviations of 60 tosses are 0.25.
    assert part_with_call("loudest") == pytest.approx(0.63, abs=0.25)
    assert part_with_call("random") == pytest.approx(0.22, abs=0.22)


def test_a_vanished_file_masks_its_row_and_is_found_once(record, tmp_path):
    good = clip_of(record("a.ogg"))
    path = record("b.ogg")
    vanished = clip_of(path)
    path.unlink()
    reader = WindowReader([good, vanished], CONFIG)
    requests = [WindowRequest(0), WindowRequest(1), WindowRequest(0, 1.0), WindowRequest(1, 1.0)]
    results = list(reader.read_all(requests))
    assert [result.ok for result in results] == [True, False, True, False]
    assert results[1].waveform.shape == (32_000,)
    assert [(f.index, f.filepath, f.reason) for f in reader.findings] == [
        (1, str(path), Reason.MISSING)
    ]


def test_reading_without_the_mask_raises(tmp_path):
    reader = WindowReader([Clip(str(tmp_path / "gone.ogg"), 3.0)], CONFIG)
    with pytest.raises(AudioError) as caught:
        reader.read(0)
    assert caught.value.reason is Reason.MISSING
    assert not reader.read_training(0, 1, 0, 0).ok


@pytest.mark.parametrize("clip", [Clip("a.ogg", 0.0), Clip("a.ogg", 3.0, start_s=3.0)])
def test_a_clip_without_length_is_empty(clip):
    with pytest.raises(AudioError) as caught:
        WindowReader([clip], CONFIG).read(0)
    assert caught.value.reason is Reason.EMPTY


@pytest.fixture
def cached_config(tmp_path):
    return CONFIG.model_copy(update={"cache": "int16", "cache_folder": str(tmp_path / "caches")})


def test_windows_come_from_the_cache_once_it_is_built(record, cached_config):
    path = record("a.ogg")
    clip = clip_of(path)
    expected = read(path, 32_000, 0.7, 1.0)
    DecodeCache.from_config(cached_config).build([(path, clip.content_hash, clip.duration_s)])
    path.unlink()
    window = WindowReader([clip], cached_config).read(0, 0.7)
    # Half a step of a peak below 0.7.
    np.testing.assert_allclose(window, expected, rtol=0, atol=0.7 / 65_534 + WINDOW_TOLERANCE)


def test_a_cache_that_was_not_built_is_an_error_before_training(record, cached_config):
    with pytest.raises(ArtifactError, match="build the cache"):
        WindowReader([clip_of(record("a.ogg"))], cached_config)


def test_one_recording_absent_from_the_cache_masks_its_row(record, cached_config):
    path = record("a.ogg")
    clip = clip_of(path)
    DecodeCache.from_config(cached_config).build([(path, clip.content_hash, clip.duration_s)])
    absent = Clip("b.ogg", 3.0, "ff" * 16)
    reader = WindowReader([clip, absent], cached_config)
    assert reader.read_training(0, 1, 0, 0).ok
    assert not reader.read_training(1, 1, 0, 1).ok
    assert reader.findings[0].reason is Reason.MISSING


def test_a_reader_knows_how_many_clips_it_has():
    assert len(WindowReader([Clip("a.ogg", 1.0)] * 3, CONFIG)) == 3


@pytest.mark.parametrize(
    ("start_s", "end_s", "widened", "centred"),
    [
        (20.0, 22.0, (12.0, 30.0), (16.0, 26.0)),
        (1.0, 2.0, (0.0, 11.0), (0.0, 10.0)),
        (59.0, 70.0, (50.0, 60.0), (50.0, 60.0)),
        (20.0, 30.0, (20.0, 30.0), (20.0, 30.0)),
        (20.0, 35.0, (20.0, 35.0), (20.0, 35.0)),
    ],
)
def test_what_stands_around_a_short_clip_fills_the_window(start_s, end_s, widened, centred):
    clip = Clip("a.ogg", 60.0, start_s=start_s, end_s=end_s)
    wide, middle = clip.widened(10.0), clip.centred(10.0)
    assert (wide.start_s, wide.end_s) == widened
    assert (middle.start_s, middle.end_s) == centred


@pytest.mark.parametrize("around", [Clip.widened, Clip.centred])
def test_a_recording_shorter_than_the_window_is_all_that_stands_around_a_clip(around):
    whole = around(Clip("a.ogg", 6.0, start_s=2.0, end_s=3.0), 10.0)
    assert (whole.start_s, whole.end_s) == (0.0, 6.0)


@given(
    duration_s=st.floats(10.0, 100.0),
    place=st.floats(0.0, 1.0),
    length_s=st.floats(0.1, 9.9),
    draw=st.floats(0.0, 1.0),
)
def test_every_window_of_a_widened_clip_holds_the_clip(duration_s, place, length_s, draw):
    start_s = place * (duration_s - length_s)
    clip = Clip("a.ogg", duration_s, start_s=start_s, end_s=start_s + length_s)
    wide = clip.widened(10.0)
    window_s = wide.start_s + draw * max(0.0, wide.length_s - 10.0)
    # A nanosecond for the arithmetic.
    assert window_s <= clip.start_s + 1e-9
    assert window_s + 10.0 >= clip.end_s - 1e-9
    assert wide.length_s >= 10.0 - 1e-9
