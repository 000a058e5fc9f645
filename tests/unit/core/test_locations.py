from __future__ import annotations

from pathlib import Path

import pytest
from upath import UPath

from oscine.core import ConfigError, is_remote, location, name_of, shown, texts_below


@pytest.mark.parametrize(
    "url", ["gs://bucket/a", "s3://bucket/a/b.ogg", "https://example.org/a.csv?x=1", "memory://b/a"]
)
def test_a_url_stays_what_it_is(url):
    place = location(url)
    assert is_remote(place)
    assert str(place) == url
    assert location(str(place)) == place


@pytest.mark.parametrize("text", ["a/b", "/a/b", "C:/a", "."])
def test_a_path_stays_a_path(text):
    assert location(text) == Path(text)
    assert not is_remote(location(text))


def test_a_file_url_is_a_path():
    assert location("file:///data/x.ogg") == Path("/data/x.ogg")


def test_what_is_a_location_already_is_given_back():
    path, url = Path("x"), UPath("s3://b/x")
    assert location(path) is path
    assert location(url) is url


def test_an_unknown_protocol_is_named():
    with pytest.raises(ConfigError, match="no such protocol 'foo'"):
        location("foo://bucket/x")


def test_a_password_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match="password") as caught:
        location("https://ann:secret@example.org/x")
    assert "secret" not in str(caught.value)


def test_what_a_query_may_hold_is_not_shown():
    assert shown("s3://b/x?key=secret") == "s3://b/x?..."
    assert shown(Path("a?b")) == "a?b"


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("https://h/a/Great%20Tit.ogg?size=1/2", "Great Tit.ogg"),
        ("s3://b/a/Great Tit.ogg", "Great Tit.ogg"),
        ("a/b%20c.ogg", "b%20c.ogg"),
        (UPath("gs://b/x.wav"), "x.wav"),
    ],
)
def test_the_name_is_what_people_call_the_file(where, name):
    assert name_of(where) == name


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("https://h/a", "https://h/a/b%20c/%231.ogg"),
        ("https://h/a/", "https://h/a/b%20c/%231.ogg"),
        ("s3://bucket", "s3://bucket/b c/#1.ogg"),
        ("/data", "/data/b c/#1.ogg"),
    ],
)
def test_files_below_a_folder_are_encoded_on_the_web_alone(folder, text):
    assert texts_below(location(folder), ["b c/#1.ogg"]) == [text]
