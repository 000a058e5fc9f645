"""Xeno-Canto's API, as documented: pages, errors, and what a recording states."""

from __future__ import annotations

import json
import logging

import pytest

from oscine.catalog.download import Client, Pace, XenoCanto, read_key
from oscine.core import ConfigError, DownloadError
from unit.catalog.download.archive import API, KEY, Trouble, recording

QUERY = "gen:turdus cnt:spain"


@pytest.fixture
def api(archive, client, tmp_path):
    return XenoCanto(client, KEY, tmp_path / "pages", archive.url + API)


def ids(found):
    return found.listing["xc_id"].to_list()


def texts(folder):
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_a_recording_has_our_columns(archive, api):
    archive.offer(recording(12345, ssp="merula", q="B", length="1:02:03"))
    (row,) = api.find(QUERY).listing.to_dicts()
    assert row == {
        "xc_id": "XC12345",
        "file_url": f"{archive.url}/12345/download",
        "file_type": "mp3",
        "scientific_name": "Turdus merula",
        "stated_name": "Turdus merula",
        "subspecies": "merula",
        "quality": "B",
        "country": "Spain",
        "duration_s": 3723.0,
        "sex": "male",
        "stage": "adult",
        "method": "field recording",
        "secondary_labels": ["Erithacus rubecula"],
        "common_name": "Common Blackbird",
        "type": ["song", "male"],
        "rating": 4.0,
        "author": "Ann Ear",
        "license": "http://creativecommons.org/licenses/by-nc-sa/4.0/",
        "url": "http://xeno-canto.org/12345",
        "latitude": 40.4,
        "longitude": -3.7,
        "site": "Prado, Madrid",
        "date": "2019-05-03",
        "time": "07:17",
        "bird_seen": "yes",
    }


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"q": "A"}, "rating", 5.0),
        ({"q": "E"}, "rating", 1.0),
        ({"q": "no score"}, "rating", None),
        ({"q": ""}, "rating", None),
        ({"lat": None, "lon": None}, "latitude", None),
        ({"lon": None, "lng": "2.5"}, "longitude", 2.5),
        ({"time": "?"}, "time", None),
        ({"also": [""]}, "secondary_labels", []),
        ({"also": None}, "secondary_labels", []),
        ({"file": ""}, "file_url", None),
        ({"file": None}, "file_url", None),
        ({"file": "//a.org/1/download"}, "file_url", "http://a.org/1/download"),
        ({"file_name": "XC1.WAV"}, "file_type", "wav"),
        ({"file_name": ""}, "file_type", "audio"),
        ({"animal_seen": "unknown"}, "bird_seen", None),
        ({"gen": "Mystery", "sp": "mystery"}, "scientific_name", None),
        ({"gen": "Sonus", "sp": "naturalis"}, "scientific_name", None),
        ({"gen": "Anas", "sp": "acuta x crecca"}, "scientific_name", None),
        ({"sp": "sp."}, "scientific_name", None),
        ({"sp": ""}, "scientific_name", None),
        ({"length": "4"}, "duration_s", 4.0),
        ({"length": ""}, "duration_s", None),
    ],
)
def test_what_is_not_stated_is_null(archive, api, changes, column, value):
    archive.offer(recording(1, **changes))
    assert api.find(QUERY).listing[column].to_list() == [value]


def test_every_page_is_read_and_kept(archive, api, tmp_path):
    archive.page_size = 2
    archive.offer(*(recording(number) for number in range(1, 6)))
    found = api.find(QUERY)
    assert ids(found) == ["XC1", "XC2", "XC3", "XC4", "XC5"]
    assert (found.n_recordings, found.n_species) == (5, 1)
    (folder,) = (tmp_path / "pages").iterdir()
    assert json.loads((folder / "query.json").read_text())["query"] == QUERY
    pages = sorted(folder.glob("page-*.json"))
    assert [json.loads(page.read_text())["page"] for page in pages] == [1, 2, 3]
    assert json.loads(pages[0].read_text())["recordings"][0] == archive.recordings[0]


def test_a_page_that_is_kept_is_not_asked_for_again(archive, api):
    archive.page_size = 2
    archive.offer(*(recording(number) for number in range(1, 6)))
    archive.troubles[API] += [Trouble(), Trouble(), *[Trouble(503)] * 6]
    with pytest.raises(DownloadError, match="it goes on"):
        api.find(QUERY)
    archive.asked.clear()
    assert len(ids(api.find(QUERY))) == 5
    assert archive.count(API) == 2


def test_a_listing_that_grew_is_read_again(archive, api):
    archive.page_size = 2
    archive.offer(*(recording(number) for number in range(1, 5)))
    api.find(QUERY)
    archive.recordings.insert(0, recording(9))
    assert sorted(ids(api.find(QUERY))) == ["XC1", "XC2", "XC3", "XC4", "XC9"]


def test_a_damaged_page_is_asked_for_again(archive, api, tmp_path):
    archive.page_size = 1
    archive.offer(recording(1), recording(2))
    api.find(QUERY)
    (page,) = (tmp_path / "pages").glob("*/page-00002.json")
    page.write_text('{"numRecordings')
    assert ids(api.find(QUERY)) == ["XC1", "XC2"]


def test_two_queries_keep_their_own_pages(archive, api, tmp_path):
    archive.offer(recording(1))
    api.find("gen:turdus")
    api.find("gen:larus")
    assert len(list((tmp_path / "pages").iterdir())) == 2


def test_listing_ends_when_it_is_enough(archive, api):
    archive.page_size = 1
    archive.offer(*(recording(number) for number in range(1, 6)))
    found = api.find(QUERY, lambda listing: len(listing) >= 2)
    assert ids(found) == ["XC1", "XC2"]
    assert found.n_recordings == 5
    assert archive.count(API) == 2


def test_a_page_whose_connection_is_cut_is_asked_for_again(archive, api):
    archive.offer(recording(1))
    archive.troubles[API].append(Trouble(cut_after=50))
    assert ids(api.find(QUERY)) == ["XC1"]


def test_a_connection_that_is_always_cut_is_an_error(archive, api):
    archive.offer(recording(1))
    archive.troubles[API] += [Trouble(cut_after=50)] * 3
    with pytest.raises(DownloadError, match="cut while page 1 was read"):
        api.find(QUERY)


def test_a_busy_api_is_asked_again(archive, api, slept):
    archive.offer(recording(1))
    archive.troubles[API] += [Trouble(429, {"Retry-After": "7"}), Trouble(500)]
    assert ids(api.find(QUERY)) == ["XC1"]
    assert slept[0] == 7


def test_without_a_key_the_error_says_where_to_get_one():
    with pytest.raises(ConfigError, match="needs a key") as caught:
        read_key({"XENO_CANTO_KEY": " "})
    assert "xeno-canto.org/account" in str(caught.value)
    assert "export XENO_CANTO_KEY" in str(caught.value)


def test_the_key_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("XENO_CANTO_KEY", f" {KEY}\n")
    assert read_key() == KEY


def test_a_key_that_is_refused_is_told_with_the_words_of_the_api(archive, client, tmp_path):
    api = XenoCanto(client, "other", tmp_path, archive.url + API)
    with pytest.raises(ConfigError, match="Missing or invalid 'key' parameter") as caught:
        api.find(QUERY)
    assert "XENO_CANTO_KEY" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_query_that_is_refused_is_told_with_the_words_of_the_api(api):
    with pytest.raises(ConfigError, match="Only tags are accepted"):
        api.find("blackbird")


def test_an_error_within_an_error_is_read_too(archive, api):
    body = json.dumps({"error": {"code": "missing_parameter", "message": "No query"}}).encode()
    archive.troubles[API].append(Trouble(400, body=body))
    with pytest.raises(ConfigError, match="No query"):
        api.find(QUERY)


def test_a_query_without_matches_is_an_error(api):
    with pytest.raises(ConfigError, match="no recording matches"):
        api.find(QUERY)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"[]",
        b'{"recordings": []}',
        b'{"numRecordings": "1", "numSpecies": "1", "numPages": 1,'
        b' "recordings": [{"id": "../../x"}]}',
    ],
)
def test_an_answer_that_is_no_page_is_an_error(archive, api, body):
    archive.troubles[API].append(Trouble(body=body))
    with pytest.raises(DownloadError, match="no page of Xeno-Canto's API v3"):
        api.find(QUERY)


def test_the_key_stands_in_no_file_log_line_or_error(archive, tmp_path, caplog, slept):
    caplog.set_level(logging.DEBUG)
    archive.offer(recording(1, rmk=f"asked for with {KEY}"))
    archive.troubles[API] += [Trouble(503), Trouble(cut_after=10)]
    with Client(Pace(20.0), secrets=[KEY]) as client:
        XenoCanto(client, KEY, tmp_path, archive.url + API).find(QUERY)
        archive.troubles[API] += [Trouble(400, body=f'{{"message": "bad {KEY}"}}'.encode())]
        with pytest.raises(ConfigError) as caught:
            XenoCanto(client, KEY, tmp_path, archive.url + API).find(QUERY)
    said = texts(tmp_path) + caplog.text + str(caught.value)
    assert "asked for with ***" in said
    assert "bad ***" in said
    assert KEY not in said
    assert "k%2By" not in said
