"""One bundle's scores: waveform -> image -> ONNX model -> activation; NumPy and onnxruntime only.

Windows run one by one, each on a single thread, and several threads run several windows. Measured
with EfficientNet-B0 on two cores this takes 8.1 ms a window, against 8.8 ms for the best batch on
a session that splits every operator over both; and a score then depends on its window alone,
whatever the number of threads or the neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from oscine.core import BundleError, map_ordered
from oscine.features.mel_numpy import LogMel
from oscine.model.bundle import FRAME_LOGITS, IMAGES, LOGITS, Bundle

Floats = NDArray[np.float32]


def sigmoid(logits: Floats) -> Floats:
    """Turn logits into independent scores, keeping the order of very small ones.

    Example:
        >>> sigmoid(np.zeros(2, dtype=np.float32)).tolist()
        [0.5, 0.5]
    """
    small = np.exp(-np.abs(logits))
    scores: Floats = np.divide(np.where(logits >= 0, np.float32(1.0), small), 1 + small)
    return scores


def softmax(logits: Floats) -> Floats:
    """Turn logits into scores that sum to one over the last axis.

    Example:
        >>> softmax(np.zeros(2, dtype=np.float32)).tolist()
        [0.5, 0.5]
    """
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return scores


ACTIVATIONS: Mapping[str, Callable[[Floats], Floats]] = {"sigmoid": sigmoid, "softmax": softmax}
"""What turns logits into scores, by the name in the bundle."""


class Predictor:
    """Scores windows with one bundle. Safe to call from several threads at once.

    Args:
        bundle: The bundle.
        threads: How many windows run at once; 0 means one for each core.

    Raises:
        BundleError: The model is damaged, or its input and output have other names.
        FeatureError: The bundle's front end is impossible.
    """

    def __init__(self, bundle: Bundle, threads: int = 0) -> None:
        self.bundle = bundle
        self.threads = threads
        self.spec = bundle.info.spec()
        self.log_mel = LogMel(self.spec)
        self._activation = ACTIVATIONS[bundle.info.activation]
        self._session = open_session(bundle)
        self.has_frames = FRAME_LOGITS in [one.name for one in self._session.get_outputs()]

    def score(self, waveforms: Iterable[Floats]) -> Floats:
        """Score windows.

        Args:
            waveforms: Mono windows at the bundle's rate, shape [n, n_samples].

        Returns:
            Scores, 0 to 1, float32, shape [n, n_classes]; bit-identical however the windows are
            grouped.
        """
        rows = list(map_ordered(self.score_window, waveforms, self.threads))
        n_classes = len(self.bundle.info.species)
        return np.stack(rows) if rows else np.empty((0, n_classes), dtype=np.float32)

    def score_window(self, waveform: Floats) -> Floats:
        """Score one window, shape [n_samples], on the calling thread; gives [n_classes]."""
        return self.score_image(self.log_mel(waveform[None])[0])

    def score_image(self, image: Floats) -> Floats:
        """Score one image, shape [channels, height, width]; gives [n_classes]."""
        logits: Floats = self._session.run([LOGITS], {IMAGES: image[None]})[0]
        return self._activation(logits[0])

    def score_frames(self, waveform: Floats) -> Floats:
        """Score the frames of one window, for finer times than the window's.

        Args:
            waveform: Mono window at the bundle's rate, shape [n_samples].

        Returns:
            Scores, 0 to 1, float32, shape [columns, n_classes]; a column is an equal share of the
            window.

        Raises:
            BundleError: The bundle's head has no frames.
        """
        if not self.has_frames:
            raise BundleError(
                "this bundle scores whole windows only",
                where=self.bundle.path,
                fix="train it with model.pooling: attention",
            )
        image = self.log_mel(waveform[None])[0]
        logits: Floats = self._session.run([FRAME_LOGITS], {IMAGES: image[None]})[0]
        return self._activation(logits[0])

    def verify(self, step: str) -> None:
        """Score the golden batch again and compare with what training gave.

        Args:
            step: What was just done, such as "load"; an error names it.

        Raises:
            BundleError: A score differs by more than the bundle's tolerance.
        """
        waveforms, expected = self.bundle.golden()
        difference = float(np.max(np.abs(self.score(waveforms) - expected)))
        tolerance = self.bundle.info.golden_tolerance
        # Written so that a NaN fails too.
        if not difference <= tolerance:
            raise BundleError(
                f"{step}: the golden batch scores differ from training's by up to "
                f"{difference:.3g}, more than {tolerance:g}",
                where=self.bundle.path,
                fix="export the bundle again, or report it with this machine's versions",
            )


def open_session(bundle: Bundle) -> ort.InferenceSession:
    """Open a bundle's model for windows that each run on their caller's thread.

    Raises:
        BundleError: The model is damaged, or it does not map "images" to "logits".
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(
            bundle.model_path, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime raises a class of its own for each kind of damage
        raise BundleError(
            f"damaged model: {error}", where=bundle.model_path, fix="export the bundle again"
        ) from error
    names = ([i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()])
    if names[0] != [IMAGES] or names[1] not in ([LOGITS], [LOGITS, FRAME_LOGITS]):
        raise BundleError(
            f"the model maps {names[0]} to {names[1]}, not [{IMAGES!r}] to [{LOGITS!r}]",
            where=bundle.model_path,
            fix="export the bundle again",
        )
    return session
