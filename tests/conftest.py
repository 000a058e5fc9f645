"""Fixtures that every layer's tests share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from web import Web

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings and catalogs; tests that need it are skipped without it."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"NO REAL DATA at {REAL_DATA}: this test proves nothing on this machine")
    return REAL_DATA


@pytest.fixture(autouse=True, scope="session")
def own_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep copies of remote files out of the user's cache."""
    folder = tmp_path_factory.mktemp("copies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSCINE_CACHE", str(folder))
        patch.setattr("oscine.core.copies.WAITS_S", (0.0, 0.0))
        yield folder


_numbers = itertools.count()


@pytest.fixture
def bucket() -> Iterator[str]:
    """The URL of a bucket of its own, in memory."""
    url = f"memory://bucket-{next(_numbers)}"
    yield url
    memory = fsspec.filesystem("memory")
    if memory.exists(url):
        memory.rm(url, recursive=True)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A web server over the folder `www`."""
    with Web(tmp_path / "www").running() as server:
        yield server
