"""How much the presence of each class counts in the loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oscine.catalog import ClassList
from oscine.core import TrainingError
from oscine.model.config import LossConfig


def class_weights(
    labels: Sequence[str], classes: ClassList, config: LossConfig
) -> NDArray[np.float32] | None:
    """Weigh classes by n^-power of their recordings, and by what the recipe says of single ones.

    Args:
        labels: Primary label of each training row, drawn copies included.
        classes: The class list.
        config: The power and the factors.

    Returns:
        Weights, [n_classes], float32, 1 on average over the classes that have a recording before
        the factors; None where all count alike.

    Raises:
        TrainingError: A factor is for a species that is not in the class list, or negative.

    Example:
        >>> from oscine.catalog import Species
        >>> two = ClassList((Species("a"), Species("b")))
        >>> weights = class_weights(["a"] * 9 + ["b"], two, LossConfig(class_weight_power=0.5))
        >>> weights.round(2).tolist()
        [0.5, 1.5]
    """
    if config.class_weight_power is None and not config.class_weights:
        return None
    weights = np.ones(len(classes))
    if config.class_weight_power is not None:
        n = np.bincount(classes.index(labels, labels), minlength=len(classes))
        present = n > 0
        weights[present] = n[present].astype(float) ** -config.class_weight_power
        weights[present] /= weights[present].mean()
    for code, factor in config.class_weights.items():
        if code not in classes.codes or factor < 0:
            raise TrainingError(
                f"no weight of {factor:g} for {code!r}: it is negative, or no such class",
                where="loss.class_weights",
                fix="give species codes of this stage's class list",
            )
        weights[classes.codes.index(code)] *= factor
    return weights.astype(np.float32)
