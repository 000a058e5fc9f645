"""Batch norm over the clips of all processes, on devices for which torch has none.

torch.nn.SyncBatchNorm runs on CUDA alone. What it computes is computed here with plain operations:
each process tells the count, mean and variance of its clips, and the norm is that of all of them,
so that two processes with 16 clips each train as one with 32.

Source: Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance", for how
variances are put together; Ioffe and Szegedy (2015), "Batch normalization", for the gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode


class SyncedNorms(TorchFunctionMode):
    """While it is on, batch norms that train take their statistics from all processes."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call a function of torch, or, for a batch norm, its twin."""
        del types
        called = synced_batch_norm if func is functional.batch_norm else func
        return called(*args, **(kwargs or {}))


def synced_batch_norm(  # noqa: PLR0913 - the signature is torch's
    images: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    *,  # as torch gives them to a mode
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise as `torch.nn.functional.batch_norm` does, by the statistics of all processes.

    Args:
        images: This process's share of the batch, [batch, channels, ...]; it may be empty.
        running_mean: Moved towards the mean, in place, [channels].
        running_var: Moved towards the unbiased variance, in place, [channels].
        weight: Scale, [channels].
        bias: Offset, [channels].
        training: Whether the batch's statistics count, and not the running ones.
        momentum: How far the running statistics are moved.
        eps: Added to the variance.

    Returns:
        Normalised images.
    """
    if not training:
        return functional.batch_norm(
            images, running_mean, running_var, weight, bias, False, momentum, eps
        )
    mean, variance, n = _statistics(images.detach())
    if running_mean is not None and running_var is not None:
        running_mean.lerp_(mean.to(running_mean.dtype), momentum)
        unbiased = variance * n / (n - 1.0).clamp(min=1.0)
        running_var.lerp_(unbiased.to(running_var.dtype), momentum)
    channels = images.shape[1]
    scale = torch.ones(channels) if weight is None else weight
    offset = torch.zeros(channels) if bias is None else bias
    normalised: Tensor = _Normalise.apply(images, scale, offset, (mean, variance, n), eps)
    return normalised


def _all_but_channels(images: Tensor) -> list[int]:
    return [0, *range(2, images.ndim)]


def _statistics(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Compute mean and variance of each channel over all processes, and of how many values."""
    channels = images.shape[1]
    own = torch.zeros(2 * channels + 1, device=images.device)
    if images.numel():
        variance, mean = torch.var_mean(images.float(), _all_but_channels(images), correction=0)
        n = torch.full((1,), images.numel() / channels, device=images.device)
        own = torch.cat([mean, variance, n])
    every = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(every, own)
    means, variances, counts = torch.split(torch.stack(every), [channels, channels, 1], dim=1)
    n = counts.sum()
    mean = (means * counts).sum(dim=0) / n
    variance = ((variances + (means - mean).square()) * counts).sum(dim=0) / n
    return mean, variance, n


class _Normalise(torch.autograd.Function):
    """`(images - mean) / deviation * scale + offset`, whose gradient knows all processes' clips."""

    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor,
        scale: Tensor,
        offset: Tensor,
        statistics: tuple[Tensor, Tensor, Tensor],
        eps: float,
    ) -> Tensor:
        mean, variance, n = statistics
        ctx.save_for_backward(images, scale, mean, torch.rsqrt(variance + eps), n)
        return functional.batch_norm(images, mean, variance, scale, offset, False, 0.0, eps)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (above,) = gradients
        images, scale, mean, inverse, n = ctx.saved_tensors
        shape = (1, -1, *[1] * (images.ndim - 2))
        above = above.float()
        normal = (images.float() - mean.view(shape)) * inverse.view(shape)
        dims = _all_but_channels(images)
        of_offset, of_scale = above.sum(dims), (above * normal).sum(dims)
        everywhere = torch.stack([of_offset, of_scale])
        dist.all_reduce(everywhere)
        first, second = (everywhere / n).view(2, *shape).unbind()
        of_images = (above - first - normal * second) * (scale * inverse).view(shape)
        # Those of scale and offset are added up with all other weights' gradients.
        return of_images.to(images.dtype), of_scale, of_offset, None, None
