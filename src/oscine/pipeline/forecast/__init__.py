"""What a run would do, and how long it would take; nothing is run or changed."""

from oscine.pipeline.forecast.expectation import Expectation, expect
from oscine.pipeline.forecast.outlook import RunForecast, StageForecast, forecast_run
from oscine.pipeline.forecast.standing import Standing, standings
from oscine.pipeline.forecast.storage import cache_bytes

__all__ = [
    "Expectation",
    "RunForecast",
    "StageForecast",
    "Standing",
    "cache_bytes",
    "expect",
    "forecast_run",
    "standings",
]
