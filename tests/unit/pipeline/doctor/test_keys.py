from __future__ import annotations

import pytest

from oscine.pipeline.doctor import keys as module
from oscine.pipeline.doctor.keys import keys

SECRET = "0123456789abcdef"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL", "XENO_CANTO_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(module, "unreachable", lambda address: None)


@pytest.fixture
def wandb(make_recipe):
    def look():
        found = list(keys(make_recipe(tracking={"wandb": True})))
        assert SECRET not in str(found)
        return next(one for one in found if one.topic == "w&b")

    return look


def test_a_recipe_without_wandb_needs_no_key(make_recipe):
    assert {one.topic for one in keys(make_recipe())} == {"xeno-canto"}


def test_without_a_key_wandb_writes_offline(wandb):
    found = wandb()
    assert found.level == "warning"
    assert "writes offline" in found.what


def test_a_key_of_the_environment_is_found(wandb, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", SECRET)
    assert wandb().what == "a key is found (WANDB_API_KEY), and https://api.wandb.ai answers"


def test_a_key_of_netrc_is_found(wandb, tmp_path):
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {SECRET}\n")
    (tmp_path / "netrc").chmod(0o600)
    assert "(netrc)" in wandb().what


def test_a_key_for_another_server_is_none(wandb, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {SECRET}\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example")
    assert wandb().level == "warning"


def test_a_server_that_does_not_answer_is_a_warning(wandb, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", SECRET)
    monkeypatch.setattr(module, "unreachable", lambda address: "no route")
    found = wandb()
    assert found.level == "warning"
    assert found.fix == "go online, or set WANDB_MODE=offline"


def test_offline_by_choice_is_ok(wandb, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert wandb().level == "ok"


def test_wandb_that_is_not_installed_is_a_problem(wandb, without):
    without("wandb")
    assert wandb().level == "problem"


@pytest.mark.parametrize(("key", "what"), [("", "no key"), (SECRET, "a key is set")])
def test_the_key_of_xeno_canto_is_looked_for_and_not_said(monkeypatch, key, what):
    monkeypatch.setenv("XENO_CANTO_KEY", key)
    (found,) = keys(None)
    assert found.level == "ok"
    assert found.what.startswith(what)
    assert SECRET not in found.what
