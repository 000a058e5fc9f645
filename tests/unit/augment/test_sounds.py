import pytest

from oscine.augment import list_sounds
from oscine.core import location


def test_recordings_of_all_subfolders_are_found_and_other_files_are_not(tmp_path):
    for name in ("b.WAV", "rain/a.ogg", "rain/notes.txt", "wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list_sounds(tmp_path) == [tmp_path / "b.WAV", tmp_path / "rain" / "a.ogg"]


def test_a_folder_that_is_not_there_has_none(tmp_path):
    assert list_sounds(tmp_path / "absent") == []


@pytest.mark.filterwarnings("default")
def test_a_folder_elsewhere_is_listed():
    folder = location("memory://sounds-of-augment")
    (folder / "deep").mkdir(parents=True, exist_ok=True)
    (folder / "deep" / "a.flac").write_bytes(b"x")
    assert [str(path) for path in list_sounds(folder)] == [str(folder / "deep" / "a.flac")]
