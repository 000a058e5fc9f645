"""tensorflow-extra's side of `benchmarks/peers.py`: the layers of the reference recipe.

They are written for Keras 2, which TensorFlow takes from tf-keras when it is told to.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from tensorflow_extra.layers import MelSpectrogram, TimeFreqMask, ZScoreMinMax
from turns import answer

made: dict[str, Any] = {}


def prepare(batch: int, n_samples: int, threads: int, channels: int) -> list[int]:
    """Build and compile the layers, with noise for input; gives the shape of the images."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    mel = MelSpectrogram(
        n_fft=2048,
        hop_length=835,
        sr=32_000,
        n_mels=128,
        fmin=20.0,
        fmax=16_000.0,
        out_channels=channels,
    )
    scale = ZScoreMinMax()
    mask = TimeFreqMask(
        freq_mask_prob=1.0,
        num_freq_masks=1,
        freq_mask_param=10,
        time_mask_prob=1.0,
        num_time_masks=2,
        time_mask_param=25,
    )

    @tf.function(reduce_retracing=True)
    def images(waveforms: Any) -> Any:
        return mask(scale(mel(waveforms)), training=True)

    noise = np.random.default_rng(0).normal(0, 0.1, (batch, n_samples)).astype(np.float32)
    made["images"] = images
    made["input"] = tf.constant(noise)
    return list(images(made["input"]).shape)


def features(calls: int) -> float:
    """Compute the images of a batch some times; gives the seconds."""
    images: Callable[[Any], Any] = made["images"]
    started = time.perf_counter()
    for _ in range(calls):
        images(made["input"]).numpy()
    return time.perf_counter() - started


answer({"prepare": prepare, "features": features})
