from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from oscine.train.wandb_key import find_wandb_key

pytestmark = pytest.mark.usefixtures("no_account")
KEY = "k" * 40


@pytest.fixture
def kaggle(monkeypatch):
    """Kaggle's module of secrets, which only its machines have."""
    module = ModuleType("kaggle_secrets")
    client = SimpleNamespace(get_secret={"WANDB": "from Kaggle"}.__getitem__)
    module.UserSecretsClient = lambda: client
    monkeypatch.setitem(sys.modules, "kaggle_secrets", module)
    return client


def write_netrc(folder, host="api.wandb.ai"):
    path = folder / ".netrc"
    path.write_text(f"machine {host}\n  login user\n  password from-netrc\n", encoding="utf-8")
    path.chmod(0o600)


def test_the_key_is_found_in_the_environment_first(monkeypatch, kaggle):
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    assert find_wandb_key() == ("WANDB_API_KEY", KEY)


def test_the_key_is_found_in_kaggles_secrets_second(kaggle, tmp_path):
    write_netrc(tmp_path)
    assert find_wandb_key() == ("Kaggle's secret WANDB", "from Kaggle")


def test_a_missing_secret_leaves_netrc(kaggle, tmp_path):
    kaggle.get_secret = {}.__getitem__
    write_netrc(tmp_path)
    assert find_wandb_key() == ("netrc", "from-netrc")


def test_the_key_of_ones_own_server_is_found_by_its_host(monkeypatch, tmp_path):
    write_netrc(tmp_path, host="wandb.station.example")
    assert find_wandb_key() is None
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.station.example:8080")
    assert find_wandb_key() == ("netrc", "from-netrc")


def test_without_a_key_nothing_is_found_and_nobody_is_asked():
    assert find_wandb_key() is None
