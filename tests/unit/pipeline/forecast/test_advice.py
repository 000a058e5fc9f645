from __future__ import annotations

from dataclasses import replace

import pytest

from oscine.core import Memory
from oscine.pipeline.forecast.advice import advise


@pytest.fixture
def advice_on(tiny_run, trial, steps, decoding, monkeypatch):
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))

    def ask(*overrides, told=None, **change):
        parts = {name: change.pop(name) for name in ("window_s",) if name in change}
        made = told or replace(
            trial,
            steps={"finetune": replace(steps, **change)},
            decoding={"target": replace(decoding, **parts)},
        )
        return advise(tiny_run.recipe(*overrides), made)

    return ask


def test_a_device_that_is_fed_hears_so(advice_on):
    (line,) = advice_on()
    assert line.endswith("reading does not hold it up")
    assert "takes 4 clips/s" in line  # a batch of 8 in 2 s
    assert "reads 250 windows/s from the cache" in line


def test_a_starving_gpu_without_the_cache_is_told_to_use_it(advice_on):
    (line,) = advice_on(
        "audio.cache=none", device="A100", step_s=0.2, waiting_s=0.15, window_s=0.04
    )
    assert "it waits 75% of the time; 7 cores could feed it" in line
    assert "set audio.cache=int16" in line


def test_a_starving_gpu_with_cores_to_spare_is_told_to_use_them(advice_on, monkeypatch):
    monkeypatch.setattr("oscine.pipeline.forecast.advice.available_cores", lambda: 16)
    (line,) = advice_on(device="A100", step_s=0.2, waiting_s=0.15, window_s=0.04)
    assert line.endswith("set audio.workers=7")


def test_on_a_processor_it_is_the_share_of_the_cores_that_counts(advice_on):
    (line,) = advice_on("audio.cache=none", window_s=0.1)
    assert "reading takes 20% of the cores that compute as well" in line
    assert "set audio.cache=int16" in line


@pytest.mark.parametrize(("step_s", "worth"), [(0.9, True), (1.9, False)])
def test_bfloat16_is_advised_where_it_was_faster(advice_on, trial, steps, decoding, step_s, worth):
    other = {"finetune": replace(steps, step_s=step_s)}
    told = replace(trial, steps={"finetune": steps}, decoding={"target": decoding}, bfloat16=other)
    lines = advice_on(told=told)
    assert len(lines) == 1 + worth
    if worth:
        assert "takes 45% of one in float32" in lines[1]
        assert lines[1].endswith("set finetune.precision=bfloat16")


def test_memory_that_will_not_do_is_said(advice_on, trial, monkeypatch):
    memory = Memory(total=10**9, available=10**9, limited=True)
    monkeypatch.setattr("oscine.pipeline.forecast.advice.usable_memory", lambda: memory)
    lines = advice_on(told=replace(trial, steps={}, peak_bytes=9 * 10**8))
    assert "0.9 GB of 1.0 GB were needed: lower the batch_size" in lines[0]


def test_a_busy_machine_is_said(advice_on, trial, monkeypatch):
    monkeypatch.setattr("os.getloadavg", lambda: (1000.0, 0.0, 0.0))
    assert "other processes keep the cores busy" in advice_on(told=replace(trial, steps={}))[0]


def test_what_was_not_measured_is_said(advice_on, trial):
    told = replace(trial, steps={}, missing=("the fits: torch is not installed",))
    assert advice_on(told=told) == ["not measured: the fits: torch is not installed"]


def test_a_scaled_step_is_said(advice_on):
    assert "a smaller batch was timed and scaled" in advice_on(scaled=True)[1]
