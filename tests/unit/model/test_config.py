from oscine.model.config import LossConfig, ModelConfig


def test_the_defaults_are_the_reference_recipe_s():
    model, loss = ModelConfig(), LossConfig()
    assert (model.backbone, model.pretrain) == ("tf_efficientnet_b1", "imagenet")
    assert (model.full_stem_resolution, model.neck_features) == (False, 0)
    assert model.final_activation == "softmax"
    assert (loss.kind, loss.label_smoothing) == ("CCE", 0.05)
