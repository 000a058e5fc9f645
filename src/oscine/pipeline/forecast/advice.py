"""What stands in the way of the device, what to do about it, and what the forecast cannot know."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from oscine.core import available_cores, usable_memory
from oscine.pipeline.forecast.trial import Decoding, Trial
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.fits import stage_config

if TYPE_CHECKING:
    from oscine.train.timing import StepTimes

STARVED = 0.1
"""Share of a step from which on waiting for the reader is worth a word."""

GAIN = 0.8
"""Share of float32's time below which bfloat16 is worth its digits."""


def advise(recipe: Recipe, trial: Trial) -> list[str]:
    """Say where reading would hold the device up, and what to do.

    Args:
        recipe: The recipe.
        trial: What was measured.

    Returns:
        Sentences: one for each kind of fit, then cautions about the measurement.
    """
    found = []
    for stage, steps in trial.steps.items():
        decoding = trial.decoding["pretrain" if stage == "pretrain" else "target"]
        batch = stage_config(recipe, stage).batch_size
        found.append(f"{stage}: {_reading(recipe, steps, decoding, batch)}")
        if (other := trial.bfloat16.get(stage)) is not None and other.step_s < GAIN * steps.step_s:
            found.append(
                f"{stage}: a step in bfloat16 takes {other.step_s / steps.step_s:.0%} of one in "
                f"float32 on this CPU: set {stage}.precision=bfloat16"
            )
    return [*found, *_cautions(trial)]


def _reading(recipe: Recipe, steps: StepTimes, decoding: Decoding, batch: int) -> str:
    """Compare how fast the reader and the device are."""
    device_s = max(1e-9, steps.step_s - steps.waiting_s)
    rate = batch * steps.n_devices / device_s
    cores = rate * decoding.window_s
    told = (
        f"the device takes {rate:.3g} clips/s, a core reads {1 / decoding.window_s:.3g} windows/s "
        f"{'from the cache' if recipe.audio.cache != 'none' else 'from the files'}"
    )
    waiting = steps.waiting_s / max(1e-9, steps.step_s)
    on_processor = "CPU" in steps.device
    share = cores / recipe.workers
    starved = waiting > STARVED or share > (STARVED if on_processor else 1.0)
    if not starved:
        return f"{told}: reading does not hold it up"
    if on_processor:
        cost = f"reading takes {share:.0%} of the cores that compute as well"
    else:
        cost = f"it waits {waiting:.0%} of the time; {math.ceil(cores)} cores could feed it"
    return f"{told}: {cost}; {_remedy(recipe, math.ceil(cores))}"


def _remedy(recipe: Recipe, cores: int) -> str:
    if recipe.audio.cache == "none":
        return "set audio.cache=int16, which decodes each recording once"
    if recipe.workers < min(cores, available_cores()):
        return f"set audio.workers={min(cores, available_cores())}"
    return "put audio.cache_folder on a faster disk, or use a machine with more cores"


def _cautions(trial: Trial) -> Iterator[str]:
    memory = usable_memory()
    if memory and trial.peak_bytes and trial.peak_bytes > 0.8 * memory.total:
        yield (
            f"memory: {trial.peak_bytes / 1e9:.1f} GB of {memory.total / 1e9:.1f} GB were needed: "
            "lower the batch_size, and raise optimizer.accumulate by as much"
        )
    if any(steps.scaled for steps in trial.steps.values()):
        yield "a step takes so long that a smaller batch was timed and scaled"
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 1.5 * available_cores():
        yield "other processes keep the cores busy: alone on the machine it would be faster"
    yield from (f"not measured: {what}" for what in trial.missing)
