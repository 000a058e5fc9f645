"""A client keeps its pace, is patient, and shows no secret."""

from __future__ import annotations

import logging

import pytest

from oscine.catalog.download import Client, Pace
from oscine.core import DownloadError
from unit.catalog.download.archive import KEY, Archive, Trouble

BODY = b"ID3 a sound"


class Clock:
    """Time that passes when somebody sleeps, or is told to."""

    def __init__(self):
        self.now_s = 0.0
        self.slept = []

    def sleep(self, wait_s):
        self.slept.append(wait_s)
        self.now_s += wait_s


def test_requests_keep_their_distance():
    clock = Clock()
    pace = Pace(2.0, lambda: clock.now_s, clock.sleep)
    for _ in range(3):
        pace.wait()
    assert clock.slept == [0.5, 0.5]


def test_who_worked_between_two_requests_does_not_wait():
    clock = Clock()
    pace = Pace(2.0, lambda: clock.now_s, clock.sleep)
    pace.wait()
    clock.now_s += 10.0
    pace.wait()
    assert clock.slept == []


def test_a_pause_does_not_allow_a_burst():
    clock = Clock()
    pace = Pace(1.0, lambda: clock.now_s, clock.sleep)
    pace.wait()
    clock.now_s += 10.0
    pace.wait()
    pace.wait()
    assert clock.slept == [1.0]


def test_a_redirect_is_a_request_too(archive, slept):
    waits = []
    archive.files["/there"] = BODY
    archive.troubles["/here"].append(Trouble(302, {"Location": "/there"}, b""))
    with (
        Client(Pace(1.0, lambda: 0.0, waits.append)) as client,
        client.get(f"{archive.url}/here") as response,
    ):
        assert response.content == BODY
    assert waits == [1.0]


def test_a_busy_server_is_asked_again_when_it_says(archive, client, slept, caplog):
    archive.files["/a"] = BODY
    archive.troubles["/a"] += [Trouble(429, {"Retry-After": "30"}), Trouble(503)]
    with caplog.at_level(logging.INFO, "oscine"), client.get(f"{archive.url}/a") as response:
        assert response.content == BODY
    assert archive.count("/a") == 3
    assert slept[0] == 30
    assert "the server asks to wait 30 s (status 429)" in caplog.text


def test_waits_grow_while_a_server_stays_busy(archive, client, slept):
    archive.troubles["/a"] += [Trouble(500)] * 6
    with client.get(f"{archive.url}/a") as response:
        assert response.status_code == 500
    assert archive.count("/a") == 6
    assert slept == sorted(slept)
    assert slept[-1] > slept[0]


def test_a_mistake_of_ours_is_not_repeated(archive, client):
    with client.get(f"{archive.url}/nothing") as response:
        assert response.status_code == 404
    assert archive.count("/nothing") == 1


def test_no_error_and_no_log_line_shows_a_secret(slept, caplog):
    with Archive() as gone:
        url = gone.url
    caplog.set_level(logging.DEBUG)
    with Client(Pace(20.0), secrets=[KEY]) as client, pytest.raises(DownloadError) as caught:
        client.get(f"{url}/api", parameters={"key": KEY})
    said = f"{caught.value} {caught.value.__cause__} {caplog.text}"
    assert "no answer" in said
    assert "Retrying" in caplog.text
    assert "key=***" in caplog.text
    assert KEY not in said
    assert "k%2By" not in said


def test_the_client_says_who_asks(archive, client):
    client.get(f"{archive.url}/a").close()
    ((_, headers),) = archive.asked
    assert headers["User-Agent"].startswith("oscine ")
