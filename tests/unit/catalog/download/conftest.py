"""An archive on this machine, and a client that never sleeps."""

from __future__ import annotations

import time

import pytest

from oscine.catalog.download import Client, Pace
from unit.catalog.download.archive import KEY, Archive


@pytest.fixture
def archive():
    with Archive() as one:
        yield one


@pytest.fixture
def slept(monkeypatch):
    """How long the client would have slept, s."""
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


@pytest.fixture
def client(slept):
    with Client(Pace(1.0, sleep=lambda _: None), secrets=[KEY]) as one:
        yield one
