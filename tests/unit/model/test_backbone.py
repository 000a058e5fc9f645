import pytest
import torch

from oscine.core import ModelError
from oscine.model.backbone import (
    layer_depths,
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


def test_imagenet_without_a_network_says_what_to_do(monkeypatch):
    def offline(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr("oscine.model.backbone.timm.create_model", offline)
    with pytest.raises(ModelError, match="local weights file"):
        make_backbone(config(pretrain="imagenet"), 1)


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
