import numpy as np
import pytest

from oscine.audio.ffmpeg import FfmpegReader
from oscine.audio.readers import open_reader, shortfall
from oscine.audio.sndfile import SndfileReader
from oscine.core import AudioError, Reason, RemoteError


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.aiff"])
def test_libsndfile_opens_what_it_knows(record, name):
    with open_reader(record(name)) as reader:
        assert isinstance(reader, SndfileReader)


@pytest.mark.parametrize("name", ["a.m4a", "a.aac", "a.mkv"])
def test_ffmpeg_opens_the_rest(record, name):
    with open_reader(record(name)) as reader:
        assert isinstance(reader, FfmpegReader)


@pytest.mark.parametrize(
    ("made", "named"), [("a.ogg", "b.wav"), ("a.m4a", "b.mp3"), ("a.wav", "b.raw")]
)
def test_a_wrong_extension_does_no_harm(record, made, named):
    path = record(made)
    renamed = path.rename(path.with_name(named))
    with open_reader(renamed) as reader:
        assert (reader.sample_rate, reader.n_channels) == (44_100, 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, Reason.MISSING), (b"", Reason.EMPTY), (b"no audio at all" * 99, Reason.UNREADABLE)],
)
def test_a_file_that_is_no_recording_says_which_way(tmp_path, content, reason):
    path = tmp_path / "bad.ogg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioError) as caught, open_reader(path):
        pass
    assert caught.value.reason is reason
    assert str(path) in str(caught.value)


def test_a_folder_is_unreadable(tmp_path):
    with pytest.raises(AudioError) as caught, open_reader(tmp_path):
        pass
    assert caught.value.reason is Reason.UNREADABLE


def test_a_kept_promise_is_no_shortfall(record):
    with open_reader(record("a.flac")) as reader:
        assert shortfall(reader) is not None
        reader.read(reader.n_frames)
        assert shortfall(reader) is None


def test_a_remote_recording_is_read_like_its_file(record, web):
    path = record("www/a.ogg")
    with open_reader(path) as here, open_reader(f"{web.url}/a.ogg") as there:
        assert np.array_equal(here.read(4096), there.read(4096))


@pytest.mark.parametrize(("status", "reason"), [(404, Reason.MISSING), (403, Reason.UNREADABLE)])
def test_a_remote_recording_that_is_not_for_us_says_which_way(record, web, status, reason):
    record("www/a.ogg")
    web.statuses["/a.ogg"] = status
    with pytest.raises(AudioError) as caught, open_reader(f"{web.url}/a.ogg"):
        pass
    assert caught.value.reason is reason
    assert f"{web.url}/a.ogg" in str(caught.value)


def test_a_damaged_remote_recording_is_named_by_its_url(web):
    (web.folder / "bad.ogg").write_bytes(b"no audio at all" * 99)
    with pytest.raises(AudioError) as caught, open_reader(f"{web.url}/bad.ogg?key=secret"):
        pass
    assert caught.value.where == f"{web.url}/bad.ogg?..."


def test_a_server_that_does_not_answer_is_no_fault_of_the_recording():
    with pytest.raises(RemoteError), open_reader("http://127.0.0.1:9/a.ogg"):
        pass
