import pytest
import torch
from safetensors.torch import save_file

from oscine.core import ModelError
from oscine.model.backbone import make_backbone
from oscine.model.config import ModelConfig
from oscine.model.weights import bundle_folder, imagenet_file, load_weights

TINY = "test_efficientnet"


def config(**change):
    return ModelConfig(**{"backbone": TINY, "pretrain": "none", **change})


def test_weights_are_paired_by_name(tmp_path):
    source, other = make_backbone(config(), 1), make_backbone(config(), 1)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    load_weights(other, tmp_path / "w.safetensors")
    assert all(
        torch.equal(a, b) for a, b in zip(source.parameters(), other.parameters(), strict=True)
    )


def test_weights_of_another_framework_are_paired_in_order(tmp_path):
    source, other = make_backbone(config(), 1), make_backbone(config(), 1)
    renamed = {
        f"layer{n}": v
        for n, v in enumerate(v for k, v in source.state_dict().items() if "num_batches" not in k)
    }
    torch.save({**renamed, "classifier": torch.zeros(1000, 8)}, tmp_path / "w.pth")
    load_weights(other, tmp_path / "w.pth")
    assert all(
        torch.equal(a, b) for a, b in zip(source.parameters(), other.parameters(), strict=True)
    )


def test_a_colour_stem_is_summed_to_one_channel(tmp_path):
    colour, grey = make_backbone(config(), 3).eval(), make_backbone(config(), 1).eval()
    save_file(colour.state_dict(), tmp_path / "w.safetensors")
    load_weights(grey, tmp_path / "w.safetensors")
    image = torch.rand(1, 1, 64, 64)
    # The same sums in another order.
    assert torch.allclose(grey(image), colour(image.expand(-1, 3, -1, -1)), atol=1e-5)


def test_weights_of_another_backbone_name_the_tensor_that_does_not_fit(tmp_path):
    save_file(make_backbone(config(), 1).state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="weights do not fit"):
        load_weights(
            make_backbone(config(backbone="mobilenetv3_small_050"), 1), tmp_path / "w.safetensors"
        )


def test_a_missing_weights_file_is_named():
    with pytest.raises(ModelError, match="no such weights file"):
        make_backbone(config(pretrain="/nowhere/w.pth"), 1)


@pytest.mark.parametrize("asked", ["w.safetensors", "bundle"])
def test_initial_weights_may_be_remote(web, asked):
    source = make_backbone(config(), 1)
    (web.folder / "bundle").mkdir()
    save_file(source.state_dict(), web.folder / "w.safetensors")
    save_file(source.state_dict(), web.folder / "bundle" / "weights.safetensors")
    other = make_backbone(config(pretrain=f"{web.url}/{asked}"), 1)
    assert all(
        torch.equal(a, b) for a, b in zip(source.parameters(), other.parameters(), strict=True)
    )


def test_remote_weights_that_are_not_there_are_an_error(web):
    with pytest.raises(ModelError, match=r"nothing is there .*w\.pth"):
        make_backbone(config(pretrain=f"{web.url}/w.pth"), 1)


def test_a_bundle_is_told_from_other_weights(tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "bundle.json").write_text("{}")
    assert bundle_folder(str(tmp_path / "bundle")) == tmp_path / "bundle"
    assert bundle_folder(str(tmp_path / "weights.pth")) is None
    assert bundle_folder("imagenet") is bundle_folder("none") is None


def test_imagenet_weights_that_nobody_fetched_are_not_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    file = imagenet_file(TINY)
    assert file is not None
    assert file.repository == "timm/test_efficientnet.r160_in1k"
    assert file.address.startswith("https://")
    assert not file.cached


def test_imagenet_weights_that_were_fetched_are_found(tmp_path, monkeypatch):
    revision = "0" * 40
    repository = tmp_path / "models--timm--test_efficientnet.r160_in1k"
    snapshot = repository / "snapshots" / revision
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(revision)
    (snapshot / "model.safetensors").write_bytes(b"weights")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert imagenet_file(TINY).cached


def test_a_backbone_without_published_weights_has_no_file():
    assert imagenet_file("botnet50ts_256") is None
