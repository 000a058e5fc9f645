import numpy as np
import pytest
import soundfile

from oscine.audio import cache_file, cache_flac
from oscine.core import ArtifactError, generator

PROVENANCE = {"source": "Zaunkönig.ogg", "sample_rate": "32000"}


def write(path, peak, n=300_000, form=cache_flac):
    waveform = (peak * generator(1, "w").uniform(-1, 1, n)).astype(np.float32)
    waveform[7] = peak
    form.write_waveform(path, np.array_split(waveform, 3), peak, PROVENANCE)


@pytest.mark.parametrize("peak", [1e-4, 0.3, 1.7])
@pytest.mark.parametrize(("start", "n"), [(0, None), (5_000, 100), (299_990, 100), (400_000, 5)])
def test_every_slice_is_that_of_the_plain_file(tmp_path, peak, start, n):
    write(tmp_path / "a.flac", peak)
    write(tmp_path / "a.safetensors", peak, form=cache_file)
    plain = cache_file.read_waveform(tmp_path / "a.safetensors", start, n)
    packed = cache_flac.read_waveform(tmp_path / "a.flac", start, n)
    np.testing.assert_array_equal(packed, plain)
    assert packed.dtype == np.float32


def test_silence_stays_silence(tmp_path):
    path = tmp_path / "a.flac"
    cache_flac.write_waveform(path, [np.zeros(5, np.float32)], 0.0, PROVENANCE)
    np.testing.assert_array_equal(cache_flac.read_waveform(path), np.zeros(5))


def test_any_player_opens_the_file_and_it_says_where_it_came_from(tmp_path):
    path = tmp_path / "a.flac"
    write(path, 0.5)
    assert soundfile.info(path).samplerate == 32_000
    assert cache_flac.read_provenance(path)["source"] == "Zaunkönig.ogg"


def test_noise_does_not_outgrow_the_prediction(tmp_path):
    write(tmp_path / "a.flac", 1.0)
    size = (tmp_path / "a.flac").stat().st_size
    assert 0.9 * 600_000 < size <= cache_flac.largest_bytes(300_000)


@pytest.mark.parametrize("place", [30, 100_000, 500_000])
def test_a_flipped_bit_is_found(tmp_path, place):
    path = tmp_path / "a.flac"
    write(path, 0.5)
    assert cache_flac.is_intact(path)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert not cache_flac.is_intact(path)


def test_an_absent_file_says_to_build_and_a_damaged_one_to_build_again(tmp_path):
    with pytest.raises(ArtifactError, match="build the cache first"):
        cache_flac.read_waveform(tmp_path / "a.flac")
    (tmp_path / "a.flac").write_bytes(b"fLaC but no more")
    with pytest.raises(ArtifactError, match="build the cache again"):
        cache_flac.read_waveform(tmp_path / "a.flac")
    assert not cache_flac.is_intact(tmp_path / "a.flac")
