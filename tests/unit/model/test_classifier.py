import pytest
import torch

from oscine.core import ModelError
from oscine.model.classifier import Classifier, start_from
from oscine.model.config import ModelConfig

SHAPE = (1, 64, 64)


def classifier(n_classes=3, **change):
    settings = {"backbone": "test_efficientnet", "pretrain": "none", **change}
    return Classifier(ModelConfig(**settings), SHAPE, n_classes)


@pytest.mark.parametrize("pooling", ["average", "max", "gem", "attention"])
@pytest.mark.parametrize("neck_features", [0, 16])
def test_images_become_one_logit_a_class(pooling, neck_features):
    model = classifier(pooling=pooling, neck_features=neck_features)
    assert model(torch.rand(2, *SHAPE)).shape == (2, 3)


def test_a_transformer_without_feature_map_is_refused():
    with pytest.raises(ModelError, match="not a feature map"):
        Classifier(ModelConfig(backbone="test_vit", pretrain="none"), (3, 160, 160), 2)


def test_a_start_takes_all_but_the_head_and_the_shared_rows():
    first, second = classifier(3), classifier(2)
    carried = start_from(second, first.state_dict(), ["a", "b", "c"], ["c", "new"])
    assert carried == 1
    assert torch.equal(second.backbone.conv_stem.weight, first.backbone.conv_stem.weight)
    assert torch.equal(second.head.dense.weight[0], first.head.dense.weight[2])


def test_a_start_from_another_architecture_is_refused_by_the_tensor_s_name():
    with pytest.raises(ModelError, match=r"head\.neck"):
        start_from(classifier(neck_features=4), classifier().state_dict(), ["a"], ["a"])
