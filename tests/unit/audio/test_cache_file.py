import numpy as np
import pytest
from safetensors.numpy import load_file

from oscine.audio.cache_file import (
    FULL_RANGE,
    is_intact,
    read_provenance,
    read_waveform,
    write_waveform,
)
from oscine.core import ArtifactError, generator


def write(path, peak, n=10_000):
    waveform = (peak * generator(1, "w").uniform(-1, 1, n)).astype(np.float32)
    waveform[7] = peak
    write_waveform(path, np.array_split(waveform, 3), peak, {"source": "Zaunkönig.ogg"})
    return waveform


@pytest.mark.parametrize("peak", [1e-4, 0.3, 1.0, 1.7])
def test_the_error_is_half_a_step_of_the_recordings_own_peak(tmp_path, peak):
    waveform = write(tmp_path / "a.safetensors", peak)
    # Half a step, and the rounding of 32-bit arithmetic.
    bound = peak / (2 * FULL_RANGE) + 2e-7 * peak
    stored = read_waveform(tmp_path / "a.safetensors")
    assert np.abs(stored - waveform).max() <= bound
    # Nothing is clipped, not even above 1.
    assert stored.max() == pytest.approx(peak, rel=1e-6)


@pytest.mark.parametrize(("start", "n"), [(0, 10), (5_000, 100), (9_990, 100), (20_000, 5)])
def test_a_slice_is_a_slice(tmp_path, start, n):
    write(tmp_path / "a.safetensors", 0.5)
    whole = read_waveform(tmp_path / "a.safetensors")
    part = read_waveform(tmp_path / "a.safetensors", start, n)
    np.testing.assert_array_equal(part, whole[start : start + n])
    assert part.dtype == np.float32


def test_silence_stays_silence(tmp_path):
    write_waveform(tmp_path / "a.safetensors", [np.zeros(5, np.float32)], 0.0, {})
    np.testing.assert_array_equal(read_waveform(tmp_path / "a.safetensors"), np.zeros(5))


def test_the_file_is_plain_safetensors_that_says_where_it_came_from(tmp_path):
    path = tmp_path / "a.safetensors"
    write(path, 0.5)
    tensor = load_file(path)["waveform"]
    assert (tensor.dtype, tensor.shape) == (np.int16, (10_000,))
    assert read_provenance(path)["source"] == "Zaunkönig.ogg"


def test_a_flipped_bit_is_found(tmp_path):
    path = tmp_path / "a.safetensors"
    write(path, 0.5)
    assert is_intact(path)
    data = bytearray(path.read_bytes())
    data[5_000] ^= 1
    path.write_bytes(data)
    assert not is_intact(path)


@pytest.mark.parametrize("content", [None, b"", b"short", bytes(2_000)])
def test_a_missing_or_damaged_file_says_what_to_do(tmp_path, content):
    path = tmp_path / "a.safetensors"
    if content is not None:
        path.write_bytes(content)
    assert not is_intact(path)
    with pytest.raises(ArtifactError, match="build the cache"):
        read_waveform(path)


def test_a_failed_write_leaves_nothing(tmp_path):
    def blocks():
        yield np.zeros(5, np.float32)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_waveform(tmp_path / "a.safetensors", blocks(), 1.0, {})
    assert not list(tmp_path.iterdir())
