from __future__ import annotations

import sys

import pytest

from oscine.core import Memory, TrainingError
from oscine.pipeline.doctor import machine


def test_the_cores_are_counted():
    (found,) = machine.cores(None)
    assert found.level == "ok"
    assert "usable" in found.what


def test_a_containers_limit_is_said(monkeypatch):
    monkeypatch.setattr(machine, "core_quota", lambda: 1.5)
    (found,) = machine.cores(None)
    assert "a container's limit of 1.5" in found.what


def test_more_workers_than_cores_are_a_warning(make_recipe):
    found = list(machine.cores(make_recipe(audio={"workers": 4096})))
    assert [one.level for one in found] == ["ok", "warning"]


@pytest.mark.parametrize(("free_gb", "level"), [(1, "warning"), (8, "ok")])
def test_little_free_memory_is_a_warning(monkeypatch, free_gb, level):
    memory = Memory(16 * 10**9, free_gb * 10**9, limited=True)
    monkeypatch.setattr(machine, "usable_memory", lambda: memory)
    (found,) = machine.memory()
    assert found.level == level
    assert f"{free_gb}.0 of 16.0 GB free (a container's limit)" in found.what


def test_a_system_that_does_not_tell_its_memory_is_no_fault(monkeypatch):
    monkeypatch.setattr(machine, "usable_memory", lambda: None)
    assert [one.level for one in machine.memory()] == ["ok"]


def test_every_kind_of_recording_decodes():
    (found,) = machine.decoders()
    assert found.what == "wav, flac, ogg, mp3, m4a decode"


def test_a_kind_that_does_not_decode_is_a_warning_with_the_package_to_blame(monkeypatch):
    broken = {"m4a": "no codec", "mp3": "old libsndfile"}
    monkeypatch.setattr(machine, "try_decoding", broken.get)
    found = {one.what.partition(" ")[0]: one for one in machine.decoders()}
    assert (found["m4a"].level, found["mp3"].level) == ("warning", "warning")
    assert found["m4a"].fix.endswith(" av")
    assert found["mp3"].fix.endswith(" soundfile")


def test_the_device_and_its_precision_are_said():
    (found,) = machine.devices(None)
    assert found.level == "ok"
    assert "precision auto is" in found.what


def test_without_torch_this_machine_scans(without):
    without("torch")
    (found,) = machine.devices(None)
    assert found.level == "ok"
    assert "scans" in found.what


def test_a_torch_that_does_not_load_is_a_problem(monkeypatch):
    monkeypatch.setitem(sys.modules, "oscine.train.devices", None)  # importing it fails
    (found,) = machine.devices(None)
    assert found.level == "problem"
    assert "does not load" in found.what


def test_a_device_that_is_asked_for_and_not_there_is_a_problem(monkeypatch, make_recipe):
    def refuse(*_):
        raise TrainingError("this machine has no tpu", fix="choose cpu")

    monkeypatch.setattr("oscine.train.devices.find_device", refuse)
    (found,) = machine.devices(make_recipe())
    assert (found.level, found.what) == ("problem", "this machine has no tpu")


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_on_a_processor_without_instructions_for_it_is_a_warning(
    make_recipe, monkeypatch, precision
):
    monkeypatch.setattr(machine, "multiplies_bfloat16", lambda: False)
    found = list(machine.devices(make_recipe(finetune={"precision": precision})))
    assert [one.level for one in found] == ["ok", "warning"]
    assert f"finetune.precision is {precision}" in found[1].what


def test_bfloat16_on_a_processor_with_instructions_for_it_is_well(make_recipe, monkeypatch):
    monkeypatch.setattr(machine, "multiplies_bfloat16", lambda: True)
    found = machine.devices(make_recipe(finetune={"precision": "bfloat16"}))
    assert [one.level for one in found] == ["ok"]
