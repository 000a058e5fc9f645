from __future__ import annotations

import socket
import threading
from functools import partial

import pytest
from safetensors.torch import save_file

from oscine.model.backbone import make_backbone
from oscine.model.config import ModelConfig
from oscine.model.weights import HubFile
from oscine.pipeline.doctor import weights as module
from oscine.pipeline.doctor.diagnosis import answered
from oscine.pipeline.doctor.weights import unreachable, weights


@pytest.fixture
def of_model(make_recipe):
    def look(**change):
        model = {"backbone": "test_efficientnet", "pretrain": "none"} | change
        return {one.topic: one for one in weights(make_recipe(model=model))}

    return look


@pytest.fixture
def hub(monkeypatch):
    """Pretends that timm's weights are there, or not, at an address that answers, or not."""

    def pretend(cached, silence=None):
        file = HubFile("timm/x", "https://hub.example", cached)
        monkeypatch.setattr("oscine.model.weights.imagenet_file", lambda name: file)
        monkeypatch.setattr(module, "unreachable", lambda address: silence)

    return pretend


def test_a_model_without_initial_weights_only_has_to_be_built(of_model):
    found = of_model()
    assert found.keys() == {"model"}
    assert "test_efficientnet can be built" in found["model"].what


def test_an_unknown_backbone_is_a_problem_that_offers_some(of_model):
    found = of_model(backbone="efficientnet_b99x")["model"]
    assert found.level == "problem"
    assert "choose one of" in found.fix


def test_a_backbone_without_a_feature_map_is_a_problem(of_model):
    found = of_model(backbone="test_vit")["model"]
    assert found.level == "problem"
    assert "not a feature map" in found.what


def test_imagenet_weights_on_this_machine_are_ok(of_model, hub):
    hub(cached=True)
    assert of_model(pretrain="imagenet")["weights"].level == "ok"


def test_imagenet_weights_that_are_still_to_be_fetched_are_a_warning(of_model, hub):
    hub(cached=False)
    found = of_model(pretrain="imagenet")["weights"]
    assert found.level == "warning"
    assert "https://hub.example answers" in found.what


def test_imagenet_weights_without_network_are_a_problem(of_model, hub):
    hub(cached=False, silence="no route")
    found = of_model(pretrain="imagenet")["weights"]
    assert found.level == "problem"
    assert "does not answer: no route" in found.what
    assert "offline.md" in found.fix


def test_imagenet_weights_that_a_variable_forbids_to_fetch_are_a_problem(
    of_model, hub, monkeypatch
):
    hub(cached=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "forbids" in of_model(pretrain="imagenet")["weights"].what


def test_a_backbone_that_timm_has_no_weights_for_is_a_problem(of_model, monkeypatch):
    monkeypatch.setattr("oscine.model.weights.imagenet_file", lambda name: None)
    assert of_model(pretrain="imagenet")["weights"].level == "problem"


def test_a_file_that_fits_the_backbone_is_ok(of_model, tmp_path):
    file = tmp_path / "own.safetensors"
    backbone = make_backbone(ModelConfig(backbone="test_efficientnet", pretrain="none"), 1)
    save_file(backbone.state_dict(), file)
    assert of_model(pretrain=str(file))["model"].what.endswith(f"{file} fits it")


def test_a_file_of_another_backbone_is_a_problem_that_names_the_tensor(of_model, tmp_path):
    file = tmp_path / "other.safetensors"
    backbone = make_backbone(ModelConfig(backbone="test_byobnet", pretrain="none"), 1)
    save_file(backbone.state_dict(), file)
    found = of_model(pretrain=str(file))["weights"]
    assert found.level == "problem"
    assert "do not fit" in found.what


def test_a_file_that_is_not_there_is_a_problem(of_model, tmp_path):
    assert of_model(pretrain=str(tmp_path / "x.pth"))["weights"].level == "problem"


@pytest.mark.parametrize(("is_there", "level"), [(True, "ok"), (False, "problem")])
def test_without_torch_a_file_is_looked_for(of_model, without, tmp_path, is_there, level):
    without("torch")
    file = tmp_path / "x.pth"
    if is_there:
        file.write_bytes(b"")
    assert of_model(pretrain=str(file))["weights"].level == level


def test_without_torch_nothing_is_said_of_a_model_without_weights(of_model, without):
    without("torch")
    assert of_model() == {}


def test_remote_weights_are_not_fetched(of_model):
    found = of_model(pretrain="memory://bucket/weights.pth")
    assert (found["weights"].level, found["model"].level) == ("ok", "ok")


def test_an_address_that_answers_is_reachable(web):
    assert unreachable(web.url) is None


def test_an_address_that_says_no_is_reachable(web):
    assert unreachable(f"{web.url}/absent") is None


def test_a_closed_port_is_unreachable():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert "refused" in unreachable(f"http://127.0.0.1:{held.getsockname()[1]}")


def test_a_server_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "answered", partial(answered, patience_s=0.1))
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: threading.Event().wait())
    assert "no answer" in unreachable("http://127.0.0.1")
