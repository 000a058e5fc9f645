"""opensoundscape's side of `benchmarks/peers.py`: fits and scans, in an environment of its own.

It autocasts to bfloat16 on a CPU whatever its setting; that is switched off unless a request wants
it as shipped.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pandas as pd
import torch
import torchvision
from opensoundscape import CNN
from opensoundscape.ml.cnn_architectures import generic_make_arch
from turns import answer

warnings.filterwarnings("ignore")

LAYERS = {
    "resnet18": ("conv1", "fc", "avgpool", "layer4"),
    "mobilenet_v3_small": ("features.0.0", "classifier.3", "avgpool", "features"),
}
"""First convolution, last layer, embedding and map of each architecture."""


class Timed(CNN):
    """Remembers when each step ended."""

    def training_step(self, samples: Any, batch_idx: int) -> Any:
        """Take a step."""
        loss = super().training_step(samples, batch_idx)
        self.ends.append(time.perf_counter())
        return loss


models: dict[str, Timed] = {}


def prepare(backbone: str, n_classes: int, threads: int) -> None:
    """Build a model for clips of 5 s at 32 kHz and images of 1 x 128 x 313."""
    torch.set_num_threads(threads)
    first, last, embedding, maps = LAYERS[backbone]
    network = generic_make_arch(
        constructor=getattr(torchvision.models, backbone),
        weights=None,
        num_classes=n_classes,
        embed_layer=embedding,
        cam_layer=maps,
        name=backbone,
        input_conv2d_layer=first,
        linear_clf_layer=last,
        num_channels=1,
    )
    model = Timed(
        network,
        classes=[f"species{number}" for number in range(n_classes)],
        sample_duration=5,
        sample_rate=32_000,
        height=128,
        width=313,
        channels=1,
    )
    model.device = "cpu"
    model.verbose = model.logging_level = 0
    models[backbone] = model


@contextlib.contextmanager
def arithmetic(as_shipped: bool) -> Iterator[None]:
    """Switch autocasting off, unless it is wanted."""
    own = torch.autocast
    if not as_shipped:
        torch.autocast = lambda **_: contextlib.nullcontext()
    try:
        yield
    finally:
        torch.autocast = own


def fit(  # noqa: PLR0913 - a request's fields
    backbone: str,
    clips: list[tuple[str, float, float, str]],
    *,
    batch_size: int,
    steps: int,
    warmup: int,
    workers: int,
    augmented: bool = False,
    as_shipped: bool = False,
) -> float:
    """Take steps over clips (file, start and end in s, species); gives clips per second."""
    model = models[backbone]
    index = pd.MultiIndex.from_tuples(
        [tuple(clip[:3]) for clip in clips], names=["file", "start_time", "end_time"]
    )
    labels = [[int(clip[3] == name) for name in model.classes] for clip in clips]
    table = pd.DataFrame(labels, index=index, columns=model.classes)
    model.ends = []
    with arithmetic(as_shipped), tempfile.TemporaryDirectory() as folder:
        model.train(
            table,
            steps=warmup + steps,
            batch_size=batch_size,
            num_workers=workers,
            save_path=folder,
            validation_interval=10**6,
            log_interval=10**6,
            progress_bar=False,
            reload_best_at_end=False,
            bypass_augmentations=not augmented,
            raise_errors=True,
        )
    return steps * batch_size / (model.ends[-1] - model.ends[warmup - 1])


def scan(backbone: str, path: str, batch_size: int, workers: int) -> dict[str, float]:
    """Score each window of a recording; gives the seconds and the count."""
    started = time.perf_counter()
    scores = models[backbone].predict(
        [path],
        batch_size=batch_size,
        num_workers=workers,
        activation_layer="sigmoid",
        progress_bar=False,
    )
    # Its scores of windows that failed are NaN; asked to raise instead, 0.13 raises always.
    assert not scores.isna().any(axis=None)
    return {"seconds": time.perf_counter() - started, "windows": len(scores)}


answer({"prepare": prepare, "fit": fit, "scan": scan})
