from __future__ import annotations

import librosa
import numpy as np
import pytest
import torch

from oscine.core import generator
from oscine.features.image import delta_matrix, resize_matrix


@pytest.mark.parametrize("n_frames", [9, 20, 384])
def test_the_slope_is_librosas_with_repeated_edges(n_frames: int) -> None:
    image = generator(0, "image").normal(size=(5, n_frames)).astype(np.float32)
    theirs = librosa.feature.delta(image, width=9, mode="nearest")
    np.testing.assert_allclose(image @ delta_matrix(n_frames), theirs, atol=1e-5)


@pytest.mark.parametrize("size", [(16, 20), (7, 50), (33, 9), (1, 1)])
def test_resizing_is_torchs_antialiased_interpolation(size: tuple[int, int]) -> None:
    image = generator(0, "image").normal(size=(16, 20)).astype(np.float32)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(image)[None, None], size, mode="bilinear", antialias=True
    )[0, 0]
    ours = resize_matrix(16, size[0]).T @ image @ resize_matrix(20, size[1])
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-5)


def test_the_same_size_is_the_identity() -> None:
    np.testing.assert_array_equal(resize_matrix(6, 6), np.eye(6))
