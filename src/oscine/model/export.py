"""From a trained classifier to the files of a bundle: safetensors, ONNX and the golden batch."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from oscine.core import BundleError, atomic_path
from oscine.features import MelSpec
from oscine.features.mel_torch import LogMel
from oscine.model.bundle import (
    FRAME_LOGITS,
    IMAGES,
    LOGITS,
    MODEL_FILE,
    WEIGHTS_FILE,
    BundleInfo,
    write_golden,
    write_info,
)
from oscine.model.classifier import Classifier


def activate(logits: torch.Tensor, activation: str) -> torch.Tensor:
    """Turn logits into scores in [0, 1]: softmax or sigmoid."""
    return logits.softmax(dim=1) if activation == "softmax" else logits.sigmoid()


@torch.no_grad()
def score(model: nn.Module, spec: MelSpec, activation: str, waveforms: np.ndarray) -> np.ndarray:
    """Score windows with the trained torch model, front end included.

    Args:
        model: The classifier, in evaluation mode.
        spec: The front end's parameters.
        activation: softmax or sigmoid.
        waveforms: float32, [n, n_samples].

    Returns:
        float32, [n, n_classes].
    """
    model.eval()
    images = LogMel(spec)(torch.from_numpy(waveforms))
    return activate(model(images), activation).numpy()


class _WithFrames(nn.Module):
    """A classifier that gives the logits of frames beside those of clips."""

    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        return self.model.clips_and_frames(images)


def export_onnx(model: nn.Module, spec: MelSpec, path: Path) -> None:
    """Write the model as ONNX: `images` -> `logits` (and `frame_logits`), any batch size.

    Args:
        model: The classifier.
        spec: The front end's parameters, for the shape of the images.
        path: Where the file shall stand.

    Raises:
        BundleError: torch cannot export this model.
    """
    images = torch.zeros(2, *spec.image_shape)
    outputs, exported = [LOGITS], model
    if isinstance(model, Classifier) and model.has_frames:
        outputs, exported = [LOGITS, FRAME_LOGITS], _WithFrames(model)
    exporter_log = logging.getLogger("torch.onnx")
    level = exporter_log.level
    exporter_log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own deprecations, not the user's
            torch.onnx.export(
                exported.eval(),
                (images,),
                str(path),
                input_names=[IMAGES],
                output_names=outputs,
                dynamo=True,
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                external_data=False,
                verbose=False,
            )
    except Exception as error:
        raise BundleError(
            f"torch cannot export this model to ONNX: {error}", where="export"
        ) from error
    finally:
        exporter_log.setLevel(level)


def write_bundle(path: Path, model: Classifier, info: BundleInfo, waveforms: np.ndarray) -> None:
    """Write a whole bundle folder, atomically.

    Args:
        path: Where the folder shall stand; an older bundle there is replaced when this is whole.
        model: The trained classifier, on the CPU.
        info: Everything that goes into bundle.json.
        waveforms: The golden batch, float32, [n, n_samples].

    Raises:
        BundleError: torch cannot export this model.
    """
    spec = info.spec()
    scores = score(model, spec, info.activation, waveforms)
    with atomic_path(path) as partial:
        partial.mkdir(parents=True)
        tensors = {n: v.contiguous() for n, v in model.state_dict().items()}
        save_file(tensors, partial / WEIGHTS_FILE)
        write_golden(partial, waveforms, scores)
        export_onnx(model, spec, partial / MODEL_FILE)
        write_info(partial, info)
