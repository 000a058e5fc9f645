"""Fixtures that every layer's tests share."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import fsspec
import pytest
from hypothesis import HealthCheck, settings

from web import Web

# A busy machine is no failure.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

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


@pytest.fixture
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Weights & Biases without a key, and its service ended after the test."""
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    yield
    wandb = sys.modules.get("wandb")
    if wandb:
        with suppress(Exception):
            wandb.teardown()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it leaves a socket to the collector
        gc.collect()
    for item in gc.get_objects():
        if type(item) is subprocess.Popen and "wandb-core" in str(item.args):
            item.wait(20)  # it leaves its service unwaited for
