"""Names and meanings of metrics, as readers see them."""

from oscine.evaluate.names import METRIC_MEANINGS, METRIC_NAMES

__all__ = ["METRIC_MEANINGS", "METRIC_NAMES"]
