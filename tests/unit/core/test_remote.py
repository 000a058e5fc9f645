from __future__ import annotations

import fsspec
import pytest

from oscine.core import (
    RemoteError,
    file_state,
    list_files,
    location,
    texts_below,
)
from oscine.core.remote import file_states, known, list_entries, list_matches, look


def put(url, content=b"x"):
    with fsspec.open(url, "wb") as stream:
        stream.write(content)
    return location(url)


@pytest.fixture
def folder(bucket):
    for name in ("a/1.ogg", "a/deep/2.ogg", "b c/3#.ogg"):
        put(f"{bucket}/{name}", name.encode())
    return bucket


@pytest.fixture
def site(web):
    for name in ("a/1.ogg", "a/deep/2.ogg", "b c/3#.ogg"):
        (web.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (web.folder / name).write_bytes(name.encode())
    return web


NAMES = ["a/1.ogg", "a/deep/2.ogg", "b c/3#.ogg"]


def test_a_bucket_is_listed_deeply(folder):
    assert list_files(location(folder)) == NAMES
    assert list_files(location(f"{folder}/a/")) == ["1.ogg", "deep/2.ogg"]


def test_a_web_server_is_listed_by_its_index_pages(site):
    assert list_files(location(site.url)) == NAMES
    assert list_files(location(f"{site.url}/b%20c")) == ["3#.ogg"]


def test_a_local_folder_is_listed_the_same(site):
    assert list_files(site.folder) == NAMES


@pytest.mark.parametrize("name", ["nowhere", "a/1.ogg"])
def test_a_folder_that_is_none_holds_nothing(folder, site, name):
    assert list_files(location(f"{folder}/{name}")) == []
    assert list_files(location(f"{site.url}/{name}")) == []
    assert list_files(site.folder / name) == []


def test_a_subfolder_that_cannot_be_listed_is_an_error_not_a_gap(site):
    site.statuses["/a/deep/"] = 500
    with pytest.raises(RemoteError) as caught:
        list_files(location(site.url))
    assert caught.value.kind == "unreachable"


def test_one_listing_tells_the_versions_that_questions_would(folder):
    entries = list_entries(location(folder))
    for name, entry in entries.items():
        url = location(f"{folder}/{name}")
        assert known(url) == entry == look(url)
        assert entry.size == len(name)


def test_another_content_of_the_same_length_is_another_version(bucket):
    url = put(f"{bucket}/x", b"1")
    before = file_state(url)
    put(f"{bucket}/x", b"2")
    assert file_state(url) != before


def test_states_come_in_order_with_none_for_what_is_absent(folder, tmp_path):
    (tmp_path / "x").write_bytes(b"12")
    paths = [f"{folder}/a/1.ogg", f"{folder}/none", tmp_path / "x", tmp_path / "none"]
    one, two, three, four = file_states(paths)
    assert (one[0], two, three[0], four) == (7, None, 2, None)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a/*", ["a/1.ogg", "a/deep/2.ogg"]),
        ("a/*.ogg", ["a/1.ogg"]),
        ("**/*.ogg", NAMES),
        ("[ab]*/[13]*", ["a/1.ogg", "b c/3#.ogg"]),
        ("a/*/*.ogg", ["a/deep/2.ogg"]),
        ("b*", ["b c/3#.ogg"]),
        ("z*", []),
    ],
)
def test_a_pattern_gives_files_and_what_is_below_folders(folder, site, pattern, expected):
    for root in (folder, site.url):
        found = [str(url) for url in list_matches(location(f"{root}/{pattern}"))]
        assert found == texts_below(location(root), expected)


def test_a_question_mark_stands_for_a_character_in_a_bucket_alone(folder, site):
    assert len(list_matches(location(f"{folder}/a/?.ogg"))) == 1
    assert list_matches(location(f"{site.url}/a*/?.ogg")) == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, "missing"), (410, "missing"), (401, "refused"), (403, "refused"), (400, "refused"),
     (429, "unreachable"), (500, "unreachable"), (503, "unreachable")],
)  # fmt: skip
def test_a_status_says_what_kind_of_failure_it_is(site, status, kind):
    site.statuses["/a/1.ogg"] = status
    with pytest.raises(RemoteError) as caught:
        look(location(f"{site.url}/a/1.ogg?key=secret"))
    assert caught.value.kind == kind
    assert "secret" not in str(caught.value)


def test_a_refusal_on_the_web_says_where_the_login_goes(site):
    site.statuses["/a/1.ogg"] = 401
    with pytest.raises(RemoteError, match=r"netrc"):
        look(location(f"{site.url}/a/1.ogg"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://nowhere.invalid/x"])
def test_a_server_that_does_not_answer_is_unreachable_not_empty(url):
    for ask, end in ((look, ""), (list_files, ""), (list_matches, "/*")):
        with pytest.raises(RemoteError) as caught:
            ask(location(url + end))
        assert caught.value.kind == "unreachable"


def test_a_folder_is_no_file(folder):
    assert file_state(location(f"{folder}/a")) is None
