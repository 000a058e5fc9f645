import pytest
from torch import nn

from oscine.config import parse
from oscine.core import ConfigError
from oscine.model.config import ModelConfig
from oscine.model.heads import HEADS


@pytest.mark.parametrize("name", HEADS)
def test_every_choice_names_classes_that_are_there(name):
    head, pooling = HEADS[name].classes()
    assert issubclass(head, nn.Module)
    assert pooling is None or issubclass(pooling, nn.Module)


def test_an_unknown_pooling_lists_the_choices():
    with pytest.raises(ConfigError, match="average, max, gem, attention"):
        parse(ModelConfig, {"pooling": "median"}, where="test")
