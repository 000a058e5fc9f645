"""A file is whole or not there; what was fetched once is not fetched again."""

from __future__ import annotations

import json
import os

import pytest

from oscine.catalog.download import fetch_file
from oscine.catalog.download.fetch import ATTEMPTS, BLOCK
from oscine.core import AudioError, Reason
from unit.catalog.download.archive import Archive, Trouble

BODY = b"ID3" + os.urandom(5 * BLOCK)


@pytest.fixture
def places(tmp_path):
    return tmp_path / "audio" / "a" / "XC1.mp3", tmp_path / "partial" / "XC1.mp3"


@pytest.fixture
def fetch(archive, client, places):
    archive.files["/1"] = BODY

    def call(path="/1"):
        return fetch_file(client, f"{archive.url}{path}", *places)

    return call


def ranges(archive):
    return [headers.get("Range") for _, headers in archive.asked]


def left_over(places):
    folder = places[1].parent
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_file_gets_its_name_when_it_is_whole(fetch, places):
    assert fetch() == len(BODY)
    assert places[0].read_bytes() == BODY
    assert left_over(places) == []


def test_after_a_cut_the_rest_is_asked_for(fetch, archive, places):
    archive.troubles["/1"] += [Trouble(cut_after=2 * BLOCK), Trouble(cut_after=BLOCK)]
    fetch()
    assert places[0].read_bytes() == BODY
    first, second, third = ranges(archive)
    assert first is None
    assert 0 < int(second[6:-1]) <= 2 * BLOCK
    assert int(second[6:-1]) < int(third[6:-1]) <= 3 * BLOCK


def test_a_later_run_goes_on_with_what_an_earlier_one_left(fetch, archive, places):
    archive.troubles["/1"] += [Trouble(cut_after=2 * BLOCK), *[Trouble(cut_after=0)] * ATTEMPTS]
    with pytest.raises(AudioError) as caught:
        fetch()
    assert caught.value.reason is Reason.TRUNCATED
    assert not places[0].exists()
    archive.asked.clear()
    fetch()
    assert ranges(archive) == [f"bytes={2 * BLOCK}-"]
    assert places[0].read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_fetched_from_its_start(fetch, archive, places):
    archive.troubles["/1"] += [Trouble(cut_after=2 * BLOCK), *[Trouble(cut_after=0)] * ATTEMPTS]
    with pytest.raises(AudioError):
        fetch()
    archive.files["/1"] = BODY[::-1]
    fetch()
    assert places[0].read_bytes() == BODY[::-1]


def test_a_rest_that_starts_elsewhere_is_not_appended(fetch, archive, places):
    wrong = {"Content-Range": f"bytes 7-{len(BODY) - 1}/{len(BODY)}"}
    archive.troubles["/1"] += [
        Trouble(cut_after=2 * BLOCK),
        Trouble(206, wrong, BODY[7:]),
    ]
    fetch()
    assert places[0].read_bytes() == BODY


def test_a_server_without_ranges_sends_all_again(client, places):
    with Archive(ranges=False) as archive:
        archive.files["/1"] = BODY
        archive.troubles["/1"].append(Trouble(cut_after=2 * BLOCK))
        fetch_file(client, f"{archive.url}/1", *places)
    assert places[0].read_bytes() == BODY


def test_a_run_killed_before_the_last_rename_asks_for_nothing(fetch, archive, places):
    places[1].parent.mkdir()
    places[1].write_bytes(BODY)
    note = {"tag": '"x"', "size": len(BODY)}
    places[1].with_name("XC1.mp3.json").write_text(json.dumps(note))
    fetch()
    assert archive.asked == []
    assert places[0].read_bytes() == BODY


def test_a_damaged_note_costs_a_new_start_only(fetch, places):
    places[1].parent.mkdir()
    places[1].write_bytes(b"half")
    places[1].with_name("XC1.mp3.json").write_text("{")
    fetch()
    assert places[0].read_bytes() == BODY


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, Reason.MISSING),
        (410, Reason.MISSING),
        (403, Reason.RESTRICTED),
        (451, Reason.RESTRICTED),
        (400, Reason.UNREACHABLE),
        (500, Reason.UNREACHABLE),
        (429, Reason.UNREACHABLE),
    ],
)
def test_an_error_has_a_reason(fetch, archive, places, status, reason):
    archive.troubles["/1"] += [Trouble(status)] * 6
    with pytest.raises(AudioError, match=str(status)) as caught:
        fetch()
    assert caught.value.reason is reason
    assert not places[0].exists()


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("text/html; charset=utf-8", b"ID3 or not", Reason.NOT_AUDIO),
        ("application/json", b"ID3 or not", Reason.NOT_AUDIO),
        ("audio/mpeg", b"\n<!DOCTYPE html><p>Sorry", Reason.NOT_AUDIO),
        ("audio/mpeg", b"", Reason.EMPTY),
    ],
)
def test_what_is_no_sound_is_not_kept(fetch, archive, places, kind, body, reason):
    archive.kinds["/1"], archive.files["/1"] = kind, body
    with pytest.raises(AudioError) as caught:
        fetch()
    assert caught.value.reason is reason
    assert not places[0].exists()
    assert left_over(places) == []


def test_a_disk_that_takes_no_more_is_told_as_such(fetch, places):
    places[1].parent.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="partial"):
        fetch()
