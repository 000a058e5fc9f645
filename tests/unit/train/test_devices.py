import pytest

from oscine.core import TrainingError
from oscine.train import devices
from oscine.train.config import DeviceConfig
from oscine.train.devices import Device, find_device
from oscine.train.world import World


@pytest.fixture
def machine(monkeypatch):
    """Make this a machine that has some kinds of devices, and so many of CUDA."""

    def make(*kinds, n_cuda=0):
        for kind in ("tpu", "cuda", "mps"):
            monkeypatch.setitem(devices.FOUND, kind, lambda kind=kind: kind in kinds)
        monkeypatch.setattr("torch.cuda.device_count", lambda: n_cuda)
        monkeypatch.setattr("torch.cuda.get_device_name", lambda index: "Tesla T4")

    return make


def test_this_machine_has_a_device_and_can_say_so_in_a_line():
    line = find_device(DeviceConfig()).describe(32)
    assert "batch 32 on each" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("kinds", "best"),
    [(("tpu", "cuda"), "tpu"), (("cuda",), "cuda"), (("mps",), "mps"), ((), "cpu")],
)
def test_the_best_kind_of_device_is_taken(machine, kinds, best):
    machine(*kinds, n_cuda=1)
    assert find_device(DeviceConfig()).kind == best


def test_all_gpus_are_taken_unless_the_recipe_asks_for_fewer(machine):
    machine("cuda", n_cuda=4)
    assert find_device(DeviceConfig()) == Device("cuda", 4, "Tesla T4")
    assert find_device(DeviceConfig(count=2)).count == 2


def test_the_recipe_may_prefer_the_cpu_and_part_its_cores(machine, monkeypatch):
    machine("cuda", n_cuda=4)
    monkeypatch.setattr(devices, "available_cores", lambda: 8)
    device = find_device(DeviceConfig(kind="cpu", count=4))
    assert (device.kind, device.count, device.name) == ("cpu", 4, "CPU with 2 cores")


def test_a_cpu_is_one_device_unless_more_are_asked_for(machine):
    machine()
    assert find_device(DeviceConfig()).count == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"kind": "tpu"}, "no tpu device.*choose from auto, cuda, cpu"),
        ({"count": 3}, "3 cuda devices are asked for, and this process sees 2"),
    ],
)
def test_devices_that_are_not_there_are_an_error_that_says_which_are(machine, asked, words):
    machine("cuda", n_cuda=2)
    with pytest.raises(TrainingError, match=words):
        find_device(DeviceConfig(**asked))


LAUNCHED = World(rank=3, size=4, local_rank=1, local_size=2, machine=1)


def test_a_launcher_s_processes_have_a_device_each_on_every_machine(machine):
    machine("cuda", n_cuda=8)
    device = find_device(DeviceConfig(), LAUNCHED)
    assert (device.count, device.machines) == (4, 2)
    assert "4 x Tesla T4 (cuda) on 2 machines, batch 8 on each, 32 in all" in device.describe(8)


def test_a_launcher_that_started_another_number_of_processes_is_an_error(machine):
    machine("cuda", n_cuda=8)
    with pytest.raises(TrainingError, match="started 2 processes on a machine, for 8 devices"):
        find_device(DeviceConfig(count=8), LAUNCHED)


def test_a_launcher_that_hides_devices_from_its_processes_is_an_error(machine):
    machine("cuda", n_cuda=1)
    with pytest.raises(TrainingError, match="must show each process all devices"):
        find_device(DeviceConfig(), LAUNCHED)


def test_the_global_batch_is_that_of_all_devices():
    assert "64 in all" in Device("cuda", 2, "GPU").describe(32)


@pytest.mark.parametrize(
    ("wanted", "name"), [("auto", "32-true"), ("float32", "32-true"), ("bfloat16", "bf16-mixed")]
)
def test_a_cpu_computes_in_float32_unless_told_otherwise(wanted, name):
    assert Device("cpu", 1, "CPU").precision(wanted) == name
