import pytest
import torch
from safetensors.torch import save_file

from oscine.core import ModelError
from oscine.model.backbone import (
    bundle_folder,
    imagenet_file,
    layer_depths,
    load_weights,
    make_backbone,
)
from oscine.model.config import ModelConfig

TINY = "test_efficientnet"


def config(**change):
    return ModelConfig(**{"backbone": TINY, "pretrain": "none", **change})


def rows(backbone):
    return backbone(torch.zeros(1, 1, 64, 64)).shape[-1]


def test_a_backbone_maps_images_to_a_feature_map():
    assert make_backbone(config(), 1)(torch.zeros(2, 1, 64, 96)).ndim == 4


def test_full_stem_resolution_doubles_the_feature_map():
    full = make_backbone(config(full_stem_resolution=True), 1)
    assert rows(full) == 2 * rows(make_backbone(config(), 1))


def test_an_unknown_backbone_is_an_error_that_offers_some():
    with pytest.raises(ModelError, match="knows no backbone"):
        make_backbone(config(backbone="efficientnet_b99x"), 1)


def test_a_stem_without_stride_2_is_refused():
    with pytest.raises(ModelError, match="no first convolution of stride 2"):
        make_backbone(config(backbone="convnext_atto", full_stem_resolution=True), 1)


def test_a_setting_that_the_backbone_lacks_is_refused():
    with pytest.raises(ModelError, match="does not take these settings"):
        make_backbone(config(backbone="vgg11", drop_path=0.1), 1)


def test_stochastic_depth_that_would_do_nothing_is_refused():
    make_backbone(config(backbone="test_resnet", drop_path=0.1), 1)
    with pytest.raises(ModelError, match="no shortcuts"):
        make_backbone(config(backbone="test_efficientnet", drop_path=0.1), 1)


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


def test_imagenet_without_a_network_says_what_to_do(monkeypatch):
    def offline(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr("oscine.model.backbone.timm.create_model", offline)
    with pytest.raises(ModelError, match="local weights file"):
        make_backbone(config(pretrain="imagenet"), 1)


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


@pytest.mark.parametrize("name", ["test_efficientnet", "test_resnet", "test_convnext"])
def test_layers_are_numbered_from_the_stem_on(name):
    backbone = make_backbone(ModelConfig(backbone=name, pretrain="none"), 1)
    depths = layer_depths(backbone)
    assert depths.keys() == dict(backbone.named_parameters()).keys()
    numbers = list(depths.values())
    assert min(numbers) == numbers[0] == 0
    assert numbers[-1] == max(numbers) > 2


def test_a_backbone_that_does_not_tell_its_layers_is_refused():
    with pytest.raises(ModelError, match="does not tell its layers"):
        layer_depths(torch.nn.Linear(1, 1))


STEMS = {
    "test_efficientnet": True,
    "mobilenetv3_small_100": True,
    "resnet18": True,
    "test_resnet": True,
    "test_convnext": False,
    "test_vit": False,
}


@pytest.mark.parametrize("name", list(STEMS))
def test_the_stem_is_widened_where_it_can_be_and_refused_elsewhere(name):
    config = ModelConfig(backbone=name, pretrain="none")
    wide = config.model_copy(update={"full_stem_resolution": True})
    if STEMS[name]:
        image = torch.zeros(1, 1, 64, 64)
        plain, wider = (make_backbone(c, 1).eval()(image).shape for c in (config, wide))
        assert [wider[2], wider[3]] == [2 * plain[2], 2 * plain[3]]
    else:
        with pytest.raises(ModelError, match="no first convolution of stride 2"):
            make_backbone(wide, 1)


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
