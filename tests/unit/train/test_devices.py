import pytest

from oscine.train.devices import Device, find_device


def test_this_machine_has_a_device_and_can_say_so_in_a_line():
    line = find_device().describe(32)
    assert "batch 32 on each" in line
    assert "\n" not in line


def test_the_global_batch_is_that_of_all_devices():
    assert "64 in all" in Device("cuda", 2, "GPU").describe(32)


@pytest.mark.parametrize(
    ("wanted", "name"), [("auto", "32-true"), ("float32", "32-true"), ("bfloat16", "bf16-mixed")]
)
def test_a_cpu_computes_in_float32_unless_told_otherwise(wanted, name):
    assert Device("cpu", 1, "CPU").precision(wanted) == name
