import numpy as np
import pytest

from oscine.audio import cache as cache_module
from oscine.audio.cache import BuildReport, CacheRow, DecodeCache
from oscine.audio.config import AudioConfig
from oscine.audio.decode import probe, read
from oscine.core import ArtifactError, AudioError, Reason, hash_file


def row_of(path):
    return CacheRow(path, hash_file(path), probe(path).duration_s)


@pytest.fixture(params=["int16", "flac"])
def cache(tmp_path, request):
    return DecodeCache(tmp_path / "caches", 32_000, "mean", 1.0, request.param)


@pytest.fixture
def rows(record):
    return [row_of(record(name, channels=2)) for name in ("a.ogg", "b.mp3", "c.wav")]


@pytest.mark.parametrize(("form", "suffix"), [("int16", "safetensors"), ("flac", "flac")])
def test_the_settings_name_the_cache(tmp_path, form, suffix):
    config = AudioConfig(cache=form, cache_folder=str(tmp_path), mix="first")
    made = DecodeCache.from_config(config)
    assert made.path("abcd") == tmp_path / "32000-first" / "ab" / f"abcd.{suffix}"
    assert DecodeCache.from_config(AudioConfig()) is None


@pytest.mark.parametrize(
    ("start_s", "duration_s"), [(0.0, 1.0), (1.234, 0.5), (2.5, 9.0), (0, None)]
)
def test_a_cached_window_is_the_decoded_one_to_half_a_step(cache, rows, start_s, duration_s):
    cache.build(rows)
    row = rows[1]
    cached = cache.read(row.content_hash, start_s, duration_s)
    decoded = read(row.path, 32_000, start_s, duration_s)
    assert cached.shape == decoded.shape
    # Half a step of a peak below 0.7, and the tolerance of windows.
    np.testing.assert_allclose(cached, decoded, rtol=0, atol=0.7 / 65_534 + 4e-6)


def test_the_size_is_predicted_to_the_byte_or_as_flac_its_greatest(cache, rows):
    predicted = cache.predict_bytes(row.duration_s for row in rows)
    cache.build(rows)
    size = sum(cache.path(row.content_hash).stat().st_size for row in rows)
    assert size == predicted if cache.path("ab").suffix == ".safetensors" else size < predicted


def test_both_forms_hold_the_same_values_and_share_one_budget(tmp_path, rows):
    plain = DecodeCache(tmp_path, 32_000, "mean", 1.0)
    packed = DecodeCache(tmp_path, 32_000, "mean", 1.0, "flac")
    for cache in (plain, packed):
        cache.build(rows)
    for row in rows:
        np.testing.assert_array_equal(
            plain.read(row.content_hash, 0.7, 1.1), packed.read(row.content_hash, 0.7, 1.1)
        )
    tight = DecodeCache(tmp_path / "other", 32_000, "mean", 1.0)
    tight.build(rows[:1])
    size = tight.path(rows[0].content_hash).stat().st_size
    with pytest.raises(ArtifactError, match="budget"):
        DecodeCache(tmp_path / "other", 32_000, "mean", 1.5e-9 * size, "flac").build(rows[:1])


def test_a_second_build_keeps_what_is_there(cache, rows):
    assert cache.build(rows[:2]) == BuildReport(2, 0, ())
    before = cache.path(rows[0].content_hash).stat().st_mtime_ns
    assert cache.build(rows) == BuildReport(1, 2, ())
    assert cache.path(rows[0].content_hash).stat().st_mtime_ns == before


def test_a_second_build_makes_a_damaged_file_again(cache, rows, caplog):
    cache.build(rows)
    path = cache.path(rows[1].content_hash)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + b"\xff" + whole[-8:])
    assert cache.build(rows) == BuildReport(1, 2, ())
    assert path.read_bytes() == whole
    assert "is damaged, and made again" in caplog.text


def test_equal_files_are_stored_once(cache, rows):
    assert cache.build([*rows, *rows]).n_written == 3
    assert sorted(cache.content_hashes()) == sorted(row.content_hash for row in rows)


def test_a_recording_that_fails_does_not_end_the_build(cache, rows, tmp_path):
    gone = CacheRow(tmp_path / "gone.ogg", "ff" * 16, 3.0)
    report = cache.build([rows[0], gone, rows[1]])
    assert report.n_written == 2
    assert [(f.filepath, f.reason) for f in report.failures] == [(str(gone.path), Reason.MISSING)]
    assert not cache.holds(gone.content_hash)


def test_a_build_above_the_budget_is_refused_before_it_starts(tmp_path, rows):
    tiny = DecodeCache(tmp_path / "caches", 32_000, "mean", budget_gb=1e-4)
    with pytest.raises(ArtifactError, match="cache_budget_gb"):
        tiny.build(rows)
    assert not (tmp_path / "caches").exists()


def test_what_is_cached_counts_against_the_budget(tmp_path, rows):
    two = DecodeCache(tmp_path, 32_000, "mean", budget_gb=5e-4)
    two.build(rows[:2])
    with pytest.raises(ArtifactError, match="budget"):
        two.build(rows)
    assert two.build(rows[:2]).n_kept == 2


def test_a_build_that_outgrows_the_disk_is_refused(cache, monkeypatch):
    vast = DecodeCache(cache.folder, 32_000, "mean", budget_gb=1e12)
    with pytest.raises(ArtifactError, match="disk"):
        vast.build([("a.ogg", "aa", 1e12)])


def test_a_long_recording_is_cached_as_a_short_one(cache, rows, tmp_path, monkeypatch):
    cache.build(rows)
    monkeypatch.setattr(cache_module, "HELD_S", 0.0)
    form = "flac" if cache.path("ab").suffix == ".flac" else "int16"
    twice = DecodeCache(tmp_path / "twice", 32_000, "mean", 1.0, form)
    twice.build(rows)
    content_hash = rows[0].content_hash
    assert twice.path(content_hash).read_bytes() == cache.path(content_hash).read_bytes()


def test_verify_names_the_damaged(cache, rows):
    cache.build(rows)
    assert cache.verify() == []
    path = cache.path(rows[1].content_hash)
    path.write_bytes(path.read_bytes()[:-2])
    assert cache.verify() == [rows[1].content_hash]


def test_an_absent_recording_says_to_build(cache):
    with pytest.raises(ArtifactError, match="build the cache"):
        cache.read("abcd")


def test_a_window_beyond_the_end_is_empty(cache, rows):
    cache.build(rows[:1])
    with pytest.raises(AudioError) as caught:
        cache.read(rows[0].content_hash, 99.0, 1.0)
    assert caught.value.reason is Reason.EMPTY
