import numpy as np
import pytest
import soundfile

from oscine.audio.sndfile import SndfileReader
from oscine.core import AudioError, Reason


def whole_of(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def blocks_of(path, n_frames):
    reader = SndfileReader(path)
    blocks = []
    while len(block := reader.read(n_frames)):
        blocks.append(block)
    reader.close()
    return np.concatenate(blocks)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.lo.mp3"])
@pytest.mark.parametrize("frame", [1, 700, 14_000, 44_100, 100_001])
def test_a_seek_lands_on_the_very_sample(record, name, frame):
    path = record(name)
    reader = SndfileReader(path)
    reader.seek(frame)
    block = reader.read(4_000)
    reader.close()
    # mpg123 sums a frame's bands in an order that depends on where it started: 32-bit rounding.
    np.testing.assert_allclose(block, whole_of(path)[frame : frame + 4_000], rtol=0, atol=1e-6)


@pytest.mark.parametrize("bitrate_mode", ["CONSTANT", "VARIABLE"])
@pytest.mark.parametrize("frame", [5_000, 60_000, 120_000])
def test_an_mp3_of_any_bit_rate_mode_is_seeked_exactly(record, bitrate_mode, frame):
    path = record("a.mp3", channels=2, bitrate_mode=bitrate_mode)
    reader = SndfileReader(path)
    reader.seek(frame)
    block = reader.read(4_000)
    reader.close()
    # As above: 32-bit rounding.
    np.testing.assert_allclose(block, whole_of(path)[frame : frame + 4_000], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["a.ogg", "a.opus"])
@pytest.mark.parametrize("from_end", [50_000, 20_000, 5_000, 1_001, 10])
def test_a_seek_near_the_end_lands_on_the_very_sample(record, name, from_end):
    options = {"format": "OGG", "subtype": "OPUS"} if name == "a.opus" else {}
    path = record(name, rate=48_000, seconds=7.654, **options)
    whole = whole_of(path)
    reader = SndfileReader(path)
    reader.seek(len(whole) - from_end)
    block = reader.read(4_000)
    reader.close()
    expected = whole[len(whole) - from_end :][:4_000]
    # Opus predicts from what it decoded before; libsndfile starts 80 ms early to let that fade.
    tolerance = 1e-3 if name == "a.opus" else 0
    np.testing.assert_allclose(block, expected, rtol=0, atol=tolerance)


def test_libsndfile_alone_would_seek_wrongly_in_the_last_page_of_an_ogg(record):
    path = record("a.ogg", seconds=7.654)
    whole = whole_of(path)
    with soundfile.SoundFile(path) as file:
        file.seek(len(whole) - 2_000)
        plain = file.read(1_000, dtype="float32", always_2d=True)
    error = np.abs(plain - whole[-2_000:-1_000]).max()
    assert error > 0.01, "libsndfile's seek has been mended: TAIL_FRAMES may go"


def test_a_real_ogg_is_read_from_its_last_page(real_data):
    path = real_data / "uk" / "train_audio" / "bkhgul" / "XC129576.ogg"
    whole = whole_of(path)
    reader = SndfileReader(path)
    reader.seek(len(whole) - 5_000)
    np.testing.assert_array_equal(reader.read(5_000), whole[-5_000:])
    reader.close()


def test_an_mp3_in_a_wav_is_an_mp3(real_data):
    path = real_data / "animals" / "donkey" / "esek_10.wav"
    whole = whole_of(path)
    reader = SndfileReader(path)
    reader.seek(30_000)
    # As for any mp3: 32-bit rounding.
    np.testing.assert_allclose(reader.read(4_000), whole[30_000:34_000], rtol=0, atol=1e-6)
    assert reader.promised_frames() == reader.n_frames
    reader.close()


def test_libsndfile_alone_would_seek_wrongly_at_low_bit_rates(record):
    path = record("a.lo.mp3")
    with soundfile.SoundFile(path) as file:
        file.seek(44_100)
        plain = file.read(4_000, dtype="float32", always_2d=True)
    error = np.abs(plain - whole_of(path)[44_100:48_100]).max()
    assert error > 0.1, "libsndfile's seek has been mended: PREROLL_FRAMES may go"


@pytest.mark.parametrize("name", ["a.wav", "a.ogg", "a.mp3", "a.lo.mp3"])
@pytest.mark.parametrize("n_frames", [1_000, 44_100])
def test_reading_in_blocks_changes_nothing(record, name, n_frames):
    path = record(name, seconds=2.0)
    np.testing.assert_array_equal(blocks_of(path, n_frames), whole_of(path))


def test_a_real_mp3_of_low_bit_rate_is_the_same_in_blocks(real_data):
    path = real_data / "awkward" / "silence_10s.mp3"
    np.testing.assert_array_equal(blocks_of(path, 32_000), whole_of(path))


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
def test_values_are_those_that_libsndfile_gives(record, subtype):
    path = record("a.wav", channels=2, seconds=0.5, subtype=subtype)
    np.testing.assert_array_equal(blocks_of(path, 10_000), whole_of(path))


def test_a_seek_beyond_the_end_goes_to_the_end(record):
    reader = SndfileReader(record("a.ogg", seconds=1.0))
    reader.seek(10**9)
    assert reader.position == reader.n_frames
    assert len(reader.read(100)) == 0
    reader.close()


def test_a_cut_wav_still_knows_what_its_header_promised(record, cut):
    reader = SndfileReader(cut(record("a.wav", seconds=2.0), 0.5))
    assert reader.promised_frames() == 88_200
    assert reader.n_frames < 45_000
    reader.close()


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_wav_written_as_a_stream_promises_nothing(record, size):
    path = record("a.wav", seconds=0.5)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = size.to_bytes(4, "little")
    path.write_bytes(data)
    reader = SndfileReader(path)
    assert reader.promised_frames() == reader.n_frames
    reader.close()


def test_a_broken_flac_is_truncated_not_a_crash(record, cut):
    reader = SndfileReader(cut(record("a.flac"), 0.5))
    with pytest.raises(AudioError, match="breaks off") as caught:
        reader.read(reader.n_frames)
    assert caught.value.reason is Reason.TRUNCATED
    reader.close()


@pytest.mark.parametrize(
    ("subtype", "full_scale"), [("PCM_U8", 127 / 128), ("PCM_16", 32767 / 32768)]
)
def test_full_scale_is_the_greatest_value_of_the_format(record, subtype, full_scale):
    path = record("a.wav", waveform=np.ones(100, np.float32), subtype=subtype)
    reader = SndfileReader(path)
    assert reader.full_scale == full_scale == float(reader.read(100).max())
    reader.close()
