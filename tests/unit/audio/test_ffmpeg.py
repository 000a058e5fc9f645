import wave

import numpy as np
import pytest

from oscine.audio.ffmpeg import PREROLL_FRAMES, FfmpegReader
from oscine.core import AudioError, Reason

AAC_TOLERANCE = 1e-5
"""32-bit arithmetic of the decoder's transforms, measured 2e-7, with room for other processors."""


def read_from(path, frame, n_frames):
    reader = FfmpegReader(path)
    reader.seek(frame)
    assert reader.position == frame
    block = reader.read(n_frames)
    reader.close()
    return block


@pytest.mark.parametrize("name", ["a.m4a", "a.aac", "a.mkv"])
@pytest.mark.parametrize("frame", [1, 1_500, 3 * PREROLL_FRAMES, 100_001])
def test_a_seek_lands_on_the_very_sample(record, name, frame):
    path = record(name, channels=2)
    whole = read_from(path, 0, 10**6)
    np.testing.assert_allclose(
        read_from(path, frame, 5_000), whole[frame : frame + 5_000], rtol=0, atol=AAC_TOLERANCE
    )


def test_substituted_noise_differs_after_a_seek_but_is_as_loud(record):
    path = record("a.pns.m4a")
    whole = read_from(path, 0, 10**6)[60_000:70_000, 0]
    block = read_from(path, 60_000, 10_000)[:, 0]
    # A tenth of a dB on the level; the noise itself is drawn anew by FFmpeg's decoder.
    assert abs(10 * np.log10(np.dot(block, block) / np.dot(whole, whole))) < 0.1
    np.testing.assert_array_equal(read_from(path, 60_000, 10_000)[:, 0], block)


def test_a_seek_back_gives_the_beginning_again(record):
    reader = FfmpegReader(record("a.m4a"))
    beginning = reader.read(5_000)
    reader.seek(0)
    np.testing.assert_array_equal(reader.read(5_000), beginning)
    reader.close()


@pytest.mark.parametrize("name", ["a.m4a", "a.aac", "a.mkv"])
def test_the_stated_length_is_near_what_decodes(record, name):
    path = record(name, seconds=5.0)
    reader = FfmpegReader(path)
    decoded = len(reader.read(10**7))
    # The encoder's delay and the filling of its last frame: three frames of 1,024 at most.
    assert abs(reader.n_frames - decoded) <= 3 * 1_024
    assert abs(decoded - 5 * 44_100) <= 3 * 1_024
    reader.close()


def test_m4a_decodes_to_what_was_encoded(record):
    tone = 0.5 * np.sin(2 * np.pi * 1_000 * np.arange(88_200) / 44_100).astype(np.float32)
    decoded = read_from(record("a.m4a", waveform=tone), 0, 88_200)[:, 0]
    # The codec's loss, measured 0.015; a shift by a single sample would make 0.07.
    assert np.abs(decoded[5_000:80_000] - tone[5_000:80_000]).max() < 0.03


def test_integer_waveforms_come_out_as_fractions(tmp_path):
    path = tmp_path / "a.wav"
    values = np.array([0, 16_384, -32_768, 32_767] * 500, "<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, len(values), "NONE", ""))
        file.writeframes(values.tobytes())
    block = read_from(path, 0, len(values))
    np.testing.assert_array_equal(block[:, 0], values.astype(np.float32) / 32_768)


def test_an_m4a_without_its_index_is_unreadable(record, cut):
    with pytest.raises(AudioError) as caught:
        FfmpegReader(cut(record("a.m4a"), 0.5))
    assert caught.value.reason is Reason.UNREADABLE


def test_a_seek_beyond_the_end_goes_to_the_end(record):
    reader = FfmpegReader(record("a.m4a", seconds=1.0))
    reader.seek(10**6)
    assert len(reader.read(100)) == 0
    assert 44_100 <= reader.position < 50_000
    reader.close()


def test_tags_that_are_no_utf_8_do_not_matter(record):
    path = record("a.m4a")
    data = path.read_bytes()
    assert b"Lavf" in data  # the writer's name, a tag
    path.write_bytes(data.replace(b"Lavf", b"La\xfff"))
    assert len(read_from(path, 0, 1_000)) == 1_000


def test_a_stream_that_becomes_stereo_on_the_way_is_a_typed_error(record):
    path = record("a.aac", channels=1)
    path.write_bytes(path.read_bytes() + record("b.aac", channels=2).read_bytes())
    reader = FfmpegReader(path)
    with pytest.raises(AudioError, match=r"channels change|breaks off"):
        reader.read(10**7)
    reader.close()
