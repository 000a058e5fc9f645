"""Where in its image a classifier finds what speaks for a class.

The gradient of a class's logit by the backbone's feature map says how much each feature counts for
the class; the map weighted so, where it is positive, is what speaks for it. The gradient passes
pooling and head alone, so that any pooling, neck and head will do, and every backbone that gives a
feature map. Under average pooling and a head of one dense layer it is the class activation map of
Zhou et al. (2016), "Learning deep features for discriminative localization".

Source: Selvaraju et al. (2017), "Grad-CAM: Visual explanations from deep networks via
gradient-based localization".
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from oscine.model.classifier import Classifier


def grad_cam(
    model: Classifier, images: Float[Tensor, "batch channels mels frames"], classes: Tensor
) -> NDArray[np.float32]:
    """Map what speaks for a class in each image.

    Args:
        model: The classifier, in evaluation mode; neither it nor its gradients are changed.
        images: As the front end makes them.
        classes: Place of a class in the class list for each image, [batch].

    Returns:
        Logit units, 0 and more, [batch, rows, columns] of the backbone's feature map, the lowest
        frequencies in the first row.
    """
    with torch.no_grad():
        maps = model.maps(images).float()
    with torch.enable_grad():
        maps = maps.detach().requires_grad_()
        logits, _ = model.classify(maps)
        picked = logits.gather(1, classes[:, None]).sum()
        (gradient,) = torch.autograd.grad(picked, maps)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    found: NDArray[np.float32] = (weights * maps).sum(dim=1).relu().detach().cpu().numpy()
    return found
