"""Fixtures that every layer's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings and catalogs; tests that need it are skipped without it."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"NO REAL DATA at {REAL_DATA}: this test proves nothing on this machine")
    return REAL_DATA
