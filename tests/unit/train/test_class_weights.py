import numpy as np
import pytest

from oscine.catalog import ClassList, Species
from oscine.core import TrainingError
from oscine.model.config import LossConfig
from oscine.train.class_weights import class_weights

CLASSES = ClassList((Species("a"), Species("b"), Species("c")))
LABELS = ["a"] * 4 + ["b"]


def test_without_settings_all_classes_count_alike():
    assert class_weights(LABELS, CLASSES, LossConfig()) is None


def test_the_power_is_that_of_the_recordings_and_the_mean_one():
    weights = class_weights(LABELS, CLASSES, LossConfig(class_weight_power=1.0))
    assert weights.dtype == np.float32
    assert weights[1] / weights[0] == pytest.approx(4.0)
    assert weights[:2].mean() == pytest.approx(1.0)
    assert weights[2] == 1.0  # never heard in training


def test_a_factor_is_for_one_species():
    weights = class_weights(LABELS, CLASSES, LossConfig(class_weights={"c": 2.5}))
    assert weights.tolist() == [1.0, 1.0, 2.5]


@pytest.mark.parametrize("factors", [{"nobody": 1.0}, {"a": -1.0}])
def test_a_factor_of_no_class_or_below_0_is_an_error_that_names_it(factors):
    with pytest.raises(TrainingError, match=next(iter(factors))):
        class_weights(LABELS, CLASSES, LossConfig(class_weights=factors))
