"""What was measured, made up; and what a finished run is expected to hear."""

from __future__ import annotations

import pytest

from oscine.pipeline.forecast import expect, standings
from oscine.pipeline.forecast.trial import Decoding, Trial
from oscine.train.timing import StepTimes

STEPS = StepTimes(
    device="CPU with 2 cores",
    n_devices=1,
    step_s=2.0,
    waiting_s=0.0,
    spread=0.0,
    scaled=False,
    window_s=0.5,
    epoch_s=3.0,
    start_s=5.0,
    n_parameters=1000,
    weights_bytes=4000,
    state_bytes=12_000,
)

DECODING = Decoding(n_files=4, audit_s=0.01, cache_s=0.02, window_s=0.004, file_window_s=0.04)

TRIAL = Trial(
    decoding={"pretrain": DECODING, "target": DECODING},
    steps={"pretrain": STEPS, "finetune": STEPS},
    import_s=7.0,
)


@pytest.fixture
def trial():
    return TRIAL


@pytest.fixture
def steps():
    return STEPS


@pytest.fixture
def decoding():
    return DECODING


@pytest.fixture
def expected_of():
    """Gives what the fits of a run folder will hear, by the stages that are up to date in it."""

    def look(folder):
        return expect(folder, {one.stage.name for one in standings(folder) if not one.runs})

    return look
