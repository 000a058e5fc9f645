"""The forecast of a run: stages, what the fits hear, time, sizes and memory, with their bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast.advice import advise
from oscine.pipeline.forecast.expectation import Expectation, expect
from oscine.pipeline.forecast.sizes import FitSize, fit_sizes
from oscine.pipeline.forecast.standing import Standing, standings
from oscine.pipeline.forecast.storage import cache_bytes, stage_bytes
from oscine.pipeline.forecast.times import Estimate, stage_times
from oscine.pipeline.forecast.trial import Trial, run_trial
from oscine.pipeline.recipe import Recipe


@dataclass(frozen=True)
class StageForecast:
    """What is expected of one stage.

    Args:
        name: The stage.
        status: up to date, resumes, stale or new.
        why: What makes it so; may be empty.
        time: How long it will take; None: unknown.
        n_bytes: What it will leave on disk, bytes; None: unknown.
    """

    name: str
    status: str
    why: str
    time: Estimate | None
    n_bytes: int | None


@dataclass(frozen=True)
class RunForecast:
    """What is expected of a run.

    Args:
        folder: The run folder, which was only read.
        stages: Its stages, in order.
        fits: What its fits hear.
        expected: The recordings that this follows from.
        trial: What was measured.
        cache_bytes: What the decode cache will grow by, bytes; None: unknown.
        advice: What stands in the way of the device, and what to do; cautions.
    """

    folder: str
    stages: Sequence[StageForecast]
    fits: Sequence[FitSize]
    expected: Expectation
    trial: Trial
    cache_bytes: int | None
    advice: Sequence[str]

    @property
    def total(self) -> Estimate:
        """Add up what is known of the stages' times."""
        known = [stage.time for stage in self.stages if stage.time is not None]
        return sum(known, Estimate(0.0, 0.0, 0.0))

    @property
    def unknown(self) -> list[str]:
        """Name the stages whose time is unknown."""
        return [stage.name for stage in self.stages if stage.time is None]

    def to_plain(self) -> dict[str, Any]:
        """Give all of it as JSON-ready data."""
        expected, trial = self.expected, self.trial
        return {
            "run": self.folder,
            "stages": [asdict(stage) for stage in self.stages],
            "fits": [asdict(fit) for fit in self.fits],
            "tables_of": expected.origin,
            "recordings": {part: len(table) for part, table in expected.parts.items()},
            "lengths": {part: asdict(lengths) for part, lengths in expected.lengths.items()},
            "audio_s": expected.audio_s(),
            "cache_bytes": self.cache_bytes,
            "total": asdict(self.total),
            "unknown": self.unknown,
            "measured": {
                "seconds": round(trial.seconds, 1),
                "decoding": {part: asdict(one) for part, one in trial.decoding.items()},
                "steps": {stage: one.to_plain() for stage, one in trial.steps.items()},
                "steps_bfloat16": {stage: one.to_plain() for stage, one in trial.bfloat16.items()},
                "import_s": trial.import_s,
                "peak_bytes": trial.peak_bytes,
                "missing": list(trial.missing),
            },
            "advice": list(self.advice),
        }


def forecast_run(recipe: Recipe, folder: RunFolder) -> RunForecast:
    """Foretell a run from what is there and a short measurement; the run folder is only read.

    Args:
        recipe: The recipe.
        folder: The run, not opened; its folder need not exist.

    Raises:
        OscineError: The catalogs cannot be read, or the model cannot be built.
    """
    stands = standings(folder)
    expected = expect(folder, {one.stage.name for one in stands if not one.runs})
    fitting = any(_is_fit(one) and one.runs for one in stands)
    trial = run_trial(recipe, expected, fitting)
    n_devices = max((one.n_devices for one in trial.steps.values()), default=1)
    sizes = fit_sizes(recipe, expected, n_devices)
    growth = cache_bytes(recipe, expected)
    times = stage_times(folder, stands, expected, trial, sizes)
    written = stage_bytes(recipe, trial, sizes, growth)
    stages = [
        StageForecast(
            one.stage.name,
            one.status,
            one.why,
            times.get(one.stage.name) if one.runs else Estimate(0.0, 0.0, 0.0),
            written.get(one.stage.name),
        )
        for one in stands
    ]
    return RunForecast(
        str(folder.path), stages, sizes, expected, trial, growth, advise(recipe, trial)
    )


def _is_fit(one: Standing) -> bool:
    return one.stage.output.startswith("fits/")
