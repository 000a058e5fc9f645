from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from oscine.core import ArtifactError, ConfigError, RemoteError, file_state, local_file, location
from oscine.core.copies import Copies, copies, fetched_ahead


@pytest.fixture
def site(web):
    (web.folder / "a.ogg").write_bytes(b"0123456789")
    return web


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("OSCINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def put(url, content):
    with fsspec.open(url, "wb") as stream:
        stream.write(content)


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_local_path_is_given_back(tmp_path):
    assert local_file(tmp_path / "x") == tmp_path / "x"
    assert local_file("x") == Path("x")


def test_a_file_is_fetched_once_and_keeps_its_extension(site, folder):
    first = local_file(f"{site.url}/a.ogg")
    assert (first.read_bytes(), first.suffix) == (b"0123456789", ".ogg")
    assert local_file(f"{site.url}/a.ogg") == first
    assert (site.count("GET"), site.count("HEAD")) == (1, 1)


def test_another_process_asks_but_does_not_fetch(site, folder):
    local_file(f"{site.url}/a.ogg")
    code = f"from oscine.core import local_file; print(local_file('{site.url}/a.ogg').read_text())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "0123456789\n"
    assert (site.count("GET"), site.count("HEAD")) == (1, 2)


def test_a_file_that_changed_is_fetched_again_and_its_old_copy_leaves(bucket, folder):
    put(f"{bucket}/x", b"1")
    old = local_file(f"{bucket}/x")
    put(f"{bucket}/x", b"2")
    file_state(f"{bucket}/x")  # a new stage asks
    new = local_file(f"{bucket}/x")
    assert new.read_bytes() == b"2"
    assert files(folder) == [new] != [old]


def test_a_page_of_a_new_date_is_fetched_again(site, folder):
    local_file(f"{site.url}/a.ogg")
    (site.folder / "a.ogg").write_bytes(b"9876543210")
    os.utime(site.folder / "a.ogg", (1e9, 1e9))
    file_state(f"{site.url}/a.ogg")
    assert local_file(f"{site.url}/a.ogg").read_bytes() == b"9876543210"


def test_many_threads_fetch_one_file_once(site, folder):
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(local_file, [f"{site.url}/a.ogg"] * 64))
    assert len(found) == 1
    assert site.count("GET") == 1


def test_a_download_that_was_cut_off_is_tried_again(site, folder):
    site.broken["/a.ogg"] = 1
    assert local_file(f"{site.url}/a.ogg").read_bytes() == b"0123456789"
    assert site.count("GET") == 2


def test_a_download_that_is_always_cut_off_leaves_nothing_behind(site, folder):
    site.broken["/a.ogg"] = 99
    with pytest.raises(RemoteError) as caught:
        local_file(f"{site.url}/a.ogg")
    assert caught.value.kind == "unreachable"
    assert files(folder) == []


def test_a_killed_download_leaves_no_half_file(site, folder, tmp_path):
    """The process dies within the write; what it left is under another name."""
    code = (
        "import os, oscine.core.copies as copies\n"
        "class Dying:\n"
        "    def get_file(self, path, local):\n"
        "        open(local, 'wb').write(b'half')\n"
        "        os._exit(9)\n"
        "copies.file_system = lambda url: Dying()\n"
        f"copies.local_file('{site.url}/a.ogg')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert [path.name.endswith(".partial") for path in files(folder)] == [True]
    assert local_file(f"{site.url}/a.ogg").read_bytes() == b"0123456789"


@pytest.mark.parametrize(("status", "kind"), [(404, "missing"), (403, "refused")])
def test_what_is_missing_or_refused_is_not_tried_again(site, folder, status, kind):
    site.statuses["/a.ogg"] = status
    with pytest.raises(RemoteError) as caught:
        local_file(f"{site.url}/a.ogg")
    assert caught.value.kind == kind
    assert site.count("HEAD") == 1


def test_a_copy_serves_when_nobody_answers(site, folder, caplog, monkeypatch):
    copy = local_file(f"{site.url}/a.ogg")
    monkeypatch.setattr("oscine.core.remote._seen", {})  # another process
    site.stop()
    assert local_file(f"{site.url}/a.ogg") == copy
    assert "used as they are" in caplog.text
    with pytest.raises(RemoteError):
        local_file(f"{site.url}/b.ogg")


def test_files_are_fetched_ahead_in_order_and_failures_are_left_to_the_reader(site, folder):
    for number in range(20):
        (site.folder / f"{number}.ogg").write_bytes(b"x")
    urls = [f"{site.url}/{number}.ogg" for number in range(21)]
    assert list(fetched_ahead(urls)) == urls
    assert site.count("GET", ".ogg") == 20 + 1
    assert len(files(folder)) == 20


def test_local_paths_pass_without_threads(monkeypatch):
    monkeypatch.setattr("oscine.core.copies.map_ordered", None)
    assert list(fetched_ahead(["a", "b"])) == ["a", "b"]


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_was_not_read_for_longest_leaves_when_the_budget_is_used_up(bucket, tmp_path, caplog):
    store = Copies(tmp_path, budget_gb=3.1e-8)
    urls = [location(f"{bucket}/{number}") for number in range(4)]
    for number, url in enumerate(urls):
        put(str(url), b"0123456789")
        if number < 3:
            age(store.file(url), 3600 - number)
    age(store.file(urls[0]), 3000)  # read again since
    store.file(urls[3])
    names = {path.read_bytes() for path in files(tmp_path)}
    assert names == {b"0123456789"}
    assert len(files(tmp_path)) == 2
    assert store.file(urls[0]).stat().st_mtime < time.time() - 2000
    assert "2 left" in caplog.text


def test_copies_in_use_stay_whatever_the_budget(bucket, tmp_path):
    store = Copies(tmp_path, budget_gb=1e-9)
    for number in range(3):
        put(f"{bucket}/{number}", b"0123456789")
        store.file(location(f"{bucket}/{number}"))
    assert len(files(tmp_path)) == 3


def test_a_disk_without_room_is_told_before_the_download(bucket, tmp_path, monkeypatch):
    put(f"{bucket}/x", b"0123456789")
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 5}))
    with pytest.raises(ArtifactError, match="OSCINE_CACHE"):
        Copies(tmp_path, 1.0).file(location(f"{bucket}/x"))


def test_a_folder_that_cannot_be_made_says_how_to_choose_another(bucket, tmp_path):
    put(f"{bucket}/x", b"0123456789")
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="OSCINE_CACHE"):
        Copies(tmp_path / "file" / "remote", 1.0).file(location(f"{bucket}/x"))


@pytest.mark.parametrize("text", ["much", "0", "-1", "nan"])
def test_a_budget_that_is_no_size_is_refused(text, monkeypatch):
    monkeypatch.setenv("OSCINE_CACHE_GB", text)
    with pytest.raises(ConfigError, match="OSCINE_CACHE_GB"):
        copies()


def test_copies_stand_in_the_users_cache_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.delenv("OSCINE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert copies().folder == tmp_path / "oscine" / "remote"


def test_reading_notes_when_at_most_once_a_minute(site, folder):
    copy = local_file(f"{site.url}/a.ogg")
    age(copy, 3600)
    before = copy.stat().st_mtime
    local_file(f"{site.url}/a.ogg")
    assert time.time() - copy.stat().st_atime < 60
    assert copy.stat().st_mtime == before


def test_two_files_are_fetched_side_by_side(site, folder):
    """Or a slow server would be waited for file by file."""
    together = threading.Barrier(2, timeout=10)
    plain = Copies._fetch

    def slow(self, url, entry):
        together.wait()
        return plain(self, url, entry)

    (site.folder / "b.ogg").write_bytes(b"x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Copies, "_fetch", slow)
        urls = [f"{site.url}/a.ogg", f"{site.url}/b.ogg"]
        assert list(fetched_ahead(urls)) == urls
    assert len(files(folder)) == 2
