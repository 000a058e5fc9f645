import numpy as np
import pytest
import timm
import torch

from oscine.core import ModelError
from oscine.features import FeatureConfig, resolve
from oscine.model.bundle import FORMAT_VERSION, BundleInfo, SpeciesInfo
from oscine.model.classifier import Classifier, start_from, start_from_bundle
from oscine.model.config import ModelConfig
from oscine.model.export import write_bundle

SHAPE = (1, 64, 64)


def classifier(n_classes=3, **change):
    settings = {"backbone": "test_efficientnet", "pretrain": "none", **change}
    return Classifier(ModelConfig(**settings), SHAPE, n_classes)


def write(path, model, codes):
    spec = resolve(FeatureConfig(n_fft=512, n_frames=64, n_mels=64, f_max_hz=8000), 16_000, 2.0)
    info = BundleInfo(
        format_version=FORMAT_VERSION,
        name="test",
        created="2026-01-01T00:00:00+00:00",
        species=[SpeciesInfo(species_code=c, scientific_name="", common_name="") for c in codes],
        features=spec.to_plain(),
        activation="sigmoid",
        versions={},
        licenses={},
        training={},
    )
    write_bundle(path, model, info, np.zeros((1, spec.n_samples), dtype=np.float32))
    return path


@pytest.mark.parametrize("pooling", ["average", "max", "gem", "attention"])
@pytest.mark.parametrize("neck_features", [0, 16])
def test_images_become_one_logit_a_class(pooling, neck_features):
    model = classifier(pooling=pooling, neck_features=neck_features)
    assert model(torch.rand(2, *SHAPE)).shape == (2, 3)


@pytest.mark.parametrize(
    ("name", "side"), [("test_vit", 160), ("sequencer2d_s", 32)], ids=["no map", "channels last"]
)
def test_a_backbone_without_feature_map_is_refused(name, side):
    with pytest.raises(ModelError, match="not a feature map"):
        Classifier(ModelConfig(backbone=name, pretrain="none"), (3, side, side), 2)


@pytest.mark.parametrize("name", ["mobilenetv3_small_050", "lcnet_050", "convnext_atto"])
def test_layers_behind_the_pooling_stay_behind_it(name):
    model = classifier(backbone=name).eval()
    whole = timm.create_model(name, num_classes=0, in_chans=1).eval()
    whole.load_state_dict(model.backbone.state_dict())
    images = torch.rand(2, *SHAPE)
    with torch.inference_mode():
        torch.testing.assert_close(model(images), model.head(whole(images)))


def test_a_start_takes_all_but_the_head_and_the_shared_rows():
    first, second = classifier(3), classifier(2)
    carried = start_from(second, first.state_dict(), ["a", "b", "c"], ["c", "new"])
    assert carried == 1
    assert torch.equal(second.backbone.conv_stem.weight, first.backbone.conv_stem.weight)
    assert torch.equal(second.head.dense.weight[0], first.head.dense.weight[2])


def test_a_start_carries_both_layers_of_an_event_head():
    first, second = classifier(3, pooling="attention"), classifier(2, pooling="attention")
    assert start_from(second, first.state_dict(), ["a", "b", "c"], ["c", "new"]) == 1
    for layer in ("dense", "attention"):
        one, other = (getattr(model.head, layer) for model in (second, first))
        assert torch.equal(one.weight[0], other.weight[2])
        assert not torch.equal(one.weight[1], other.weight[1])


def test_the_greatest_frame_is_at_least_the_clip():
    model = classifier(pooling="attention").eval()
    with torch.no_grad():
        clips, frames = model.clips_and_frames(torch.rand(2, *SHAPE))
    assert (frames.amax(dim=1) >= clips).all()
    assert classifier().clips_and_frames(torch.rand(1, *SHAPE))[1] is None


@pytest.mark.parametrize(
    ("change", "carried"),
    [({}, 2), ({"pooling": "gem"}, 0), ({"neck_features": 4}, 0)],
)
def test_a_start_from_a_bundle_takes_what_fits(tmp_path, change, carried):
    first = classifier(3)
    path = write(tmp_path / "bundle", first, ["a", "b", "c"])
    second = classifier(2, pretrain=str(path), **change)
    assert torch.equal(second.backbone.conv_stem.weight, first.backbone.conv_stem.weight)
    assert start_from_bundle(second, path, ["c", "a"]) == carried
    if carried:
        assert torch.equal(second.head.dense.weight, first.head.dense.weight[[2, 0]])


def test_a_start_from_another_architecture_is_refused_by_the_tensor_s_name():
    with pytest.raises(ModelError, match=r"head\.neck"):
        start_from(classifier(neck_features=4), classifier().state_dict(), ["a"], ["a"])
