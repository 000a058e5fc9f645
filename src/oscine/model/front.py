"""Per-channel energy normalisation that is learned: the model's first layer, not the front end's.

The front end then gives mel energies. Gain, bias and power have a value for each band; the time
constant is the recipe's. As a part of the model they are in its checkpoints and its ONNX file.

Source: Wang et al. (2017), "Trainable frontend for robust and far-field keyword spotting".
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from oscine.features import MelSpec, averaging_matrix
from oscine.features.pcen import EPSILON, FULL_SCALE


class LearnedPcen(nn.Module):
    """Mel energies to normalised images, by parameters that start as the recipe says.

    Args:
        spec: The front end; the settings that begin with `pcen_` are where learning starts.
    """

    averaging: Tensor

    def __init__(self, spec: MelSpec) -> None:
        super().__init__()
        # Logarithms are learned, so that none becomes negative.
        self.log_gain = _for_each_band(spec.pcen_gain, spec.n_mels)
        self.log_bias = _for_each_band(spec.pcen_bias, spec.n_mels)
        self.log_power = _for_each_band(spec.pcen_power, spec.n_mels)
        self.register_buffer(
            "averaging", torch.from_numpy(averaging_matrix(spec)), persistent=False
        )

    def forward(
        self, energies: Float[Tensor, "batch channels mels frames"]
    ) -> Float[Tensor, "batch channels mels frames"]:
        """Normalise; as `features.pcen` does with one value for all bands."""
        # Energies are far beyond what float16 holds.
        with torch.autocast(energies.device.type, enabled=False):
            energy = energies[:, :1].float() * FULL_SCALE
            average = energy @ self.averaging + EPSILON
            bias, power = self.log_bias.exp(), self.log_power.exp()
            level = energy * average.pow(-self.log_gain.exp()) + bias
            return (level.pow(power) - bias.pow(power)).expand_as(energies)


def _for_each_band(value: float, n_mels: int) -> nn.Parameter:
    return nn.Parameter(torch.full((n_mels, 1), math.log(max(value, 1e-3))))


def make_front(spec: MelSpec) -> LearnedPcen | None:
    """Make what the model does before its backbone: learned PCEN, or nothing."""
    return LearnedPcen(spec) if spec.scaling == "learned_pcen" else None
