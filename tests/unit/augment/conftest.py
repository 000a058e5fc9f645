"""No test here may read or write global random state, nor what it tests."""

from __future__ import annotations

import pytest

from poison import poisoned

no_global_randomness = pytest.fixture(autouse=True)(poisoned)
