from __future__ import annotations

from oscine.evaluate import METRICS
from oscine.evaluate.names import METRIC_MEANINGS, METRIC_NAMES


def test_every_metric_has_a_name_and_a_meaning():
    assert set(METRIC_NAMES) == set(METRIC_MEANINGS) == set(METRICS)
