"""Dropout and drop path that draw for each clip by itself, as augmentation does.

torch draws for a batch as it comes, so that its size, and the number of devices that share it,
would change what is dropped.

Source: Srivastava et al. (2014), "Dropout"; Huang et al. (2016), "Deep networks with stochastic
depth".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from oscine.augment.draws import Draws

MOST_VALUES = 1 << 20
"""Values of a clip in one layer from which on torch draws for the batch: the draws end there."""


class DropsByClip(TorchFunctionMode):
    """While it is on, what a layer drops of a clip is a function of (seed, epoch, its position).

    Args:
        draws: Those of the batch that goes through the model once.
    """

    def __init__(self, draws: Draws) -> None:
        super().__init__()
        self._draws = draws
        self._layers = 0
        self._twins: Mapping[Callable[..., Any], Callable[..., Tensor]] = {
            functional.dropout: self._dropout,
            Tensor.bernoulli_: self._bernoulli,
        }

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call a function of torch, or, where it would drop something, draw for each clip."""
        del types
        twin = self._twins.get(func)
        called = func if twin is None or not self._is_batch(args[0]) else twin
        return called(*args, **(kwargs or {}))

    def _is_batch(self, values: Tensor) -> bool:
        rows = len(self._draws.positions)
        return 0 < rows == len(values) and values[0].numel() <= MOST_VALUES

    def _dropout(
        self,
        values: Tensor,
        p: float = 0.5,
        training: bool = True,
        inplace: bool = False,  # noqa: ARG002 - the signature is torch's
    ) -> Tensor:
        if not training or p == 0.0:
            return values
        if p == 1.0:
            return values * 0.0
        return values * self._kept(values.shape, 1.0 - p).to(values.dtype) / (1.0 - p)

    def _bernoulli(self, values: Tensor, p: float = 0.5) -> Tensor:
        return values.copy_(self._kept(values.shape, p))

    def _kept(self, shape: torch.Size, probability: float) -> Tensor:
        """Say which values one more layer keeps, each with this probability."""
        self._layers += 1
        drawn = self._draws.values(f"dropout {self._layers}", math.prod(shape[1:]))
        return self._draws.tensor(drawn < probability).reshape(shape)
