"""The bundle: the folder that training leaves behind and that the light install runs.

Four files: `bundle.json` (what the scores mean and how a waveform becomes an image),
`weights.safetensors` (for training on), `model.onnx` (input "images" [batch, channels, n_mels,
n_frames], output "logits" [batch, n_classes], any batch; with `pooling: attention` also
"frame_logits" [batch, columns, n_classes]) and `golden.safetensors` (waveforms with
the scores that training gave them). A run puts a model card and a list of recordists beside them,
which nothing here reads. This module never imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from oscine.config import Config, Probability, parse
from oscine.core import (
    ArtifactError,
    BundleError,
    ConfigError,
    atomic_path,
    fingerprint,
    hash_file,
    read_json,
    write_json,
)
from oscine.features.spec import MelSpec
from oscine.model.calibration import CalibrationSource, ScoreMap

FORMAT_VERSION = 2
"""The form that is written: 2 has thresholds and calibration."""

READ_VERSIONS = (1, 2)
"""The forms that are read."""

INFO_FILE = "bundle.json"
WEIGHTS_FILE = "weights.safetensors"
MODEL_FILE = "model.onnx"
GOLDEN_FILE = "golden.safetensors"
IMAGES = "images"
LOGITS = "logits"
FRAME_LOGITS = "frame_logits"


class SpeciesInfo(Config):
    """One class of a bundle."""

    species_code: str
    """The label, such as an eBird code."""
    scientific_name: str
    """Genus and species; empty when the catalogs do not say."""
    common_name: str
    """English name; empty when the catalogs do not say."""


class BundleInfo(Config):
    """What `bundle.json` says."""

    format_version: int
    """The form of the folder; this oscine writes `FORMAT_VERSION` and reads `READ_VERSIONS`."""
    name: str
    """The experiment's name."""
    created: str
    """When it was made, ISO 8601."""
    species: list[SpeciesInfo] = Field(min_length=1)
    """The classes, in the order of the scores."""
    features: dict[str, Any]
    """The front end, as `MelSpec.to_plain` gives it."""
    activation: Literal["sigmoid", "softmax"]
    """What turns logits into scores."""
    mix: Literal["mean", "first"] = "mean"
    """How channels become one, as in training."""
    short: Literal["wrap", "pad", "repeat"] = "pad"
    """How a recording shorter than the window fills it, as in training."""
    versions: dict[str, str]
    """Versions of the packages that trained it."""
    licenses: dict[str, int]
    """How many training recordings, those of pretraining too, stand under each licence."""
    training: dict[str, Any]
    """Metrics and the fingerprints of the recipe and the catalog, as plain data."""
    golden_tolerance: float = Field(default=1e-4, gt=0.0)
    """The largest difference of a score that the golden batch may show."""
    thresholds: dict[str, Probability] = Field(default_factory=dict)
    """Species code -> the least score, uncalibrated, that is a detection; a class that is absent
    has the scan's own threshold."""
    calibration: dict[str, ScoreMap] = Field(default_factory=dict)
    """Species code -> what turns its score into a probability; a class that is absent has none."""
    calibration_source: CalibrationSource | None = None
    """What thresholds and calibration were learned from; null: there are none."""

    @model_validator(mode="after")
    def _check(self) -> BundleInfo:
        known = set(self.species_codes())
        if strange := sorted((self.thresholds.keys() | self.calibration.keys()) - known):
            raise ValueError(f"thresholds or calibration of no class: {', '.join(strange)}")
        return self

    def spec(self) -> MelSpec:
        """Give the front end.

        Raises:
            BundleError: The parameters are not those of a front end.
        """
        try:
            return MelSpec(**self.features)
        except TypeError as error:
            raise BundleError(
                f"features are not a front end's: {error}", where=self.name, fix="export it again"
            ) from error

    def species_codes(self) -> list[str]:
        """Give the species codes in the order of the scores."""
        return [species.species_code for species in self.species]


@dataclass(frozen=True)
class Bundle:
    """A bundle folder whose description was read and whose files are all there.

    Args:
        path: The folder.
        info: What its `bundle.json` says.
    """

    path: Path
    info: BundleInfo

    @property
    def model_path(self) -> Path:
        """Where the ONNX model stands."""
        return self.path / MODEL_FILE

    @property
    def weights_path(self) -> Path:
        """Where the weights for training on stand."""
        return self.path / WEIGHTS_FILE

    def golden(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Read the golden batch.

        Returns:
            Waveforms, shape [n, n_samples], and the scores that training gave them, shape
            [n, n_classes].

        Raises:
            BundleError: The file is damaged, or its shapes do not fit the bundle.
        """
        where = self.path / GOLDEN_FILE
        try:
            tensors = load_file(where)
            waveforms, scores = tensors["waveforms"], tensors["scores"]
        except (SafetensorError, OSError, KeyError) as error:
            raise _damaged(where, error) from error
        n_samples, n_classes = self.info.spec().n_samples, len(self.info.species)
        if not len(waveforms) or (
            (waveforms.shape, scores.shape)
            != ((len(waveforms), n_samples), (len(waveforms), n_classes))
        ):
            raise _damaged(
                where, f"shapes {waveforms.shape} and {scores.shape} do not fit {INFO_FILE}"
            )
        return waveforms, scores

    def fingerprint(self) -> str:
        """Hash all that its scores depend on: model, classes, front end and activation."""
        info = self.info
        return fingerprint(
            hash_file(self.model_path),
            info.species_codes(),
            info.features,
            [info.activation, info.mix, info.short],
        )


def read_bundle(path: Path) -> Bundle:
    """Read a bundle folder's description and check that the folder is whole.

    Args:
        path: The folder.

    Returns:
        The bundle; neither model nor golden batch is read yet.

    Raises:
        BundleError: A file is missing or damaged, or the folder has another format version.
    """
    if not path.is_dir():
        raise BundleError("no such bundle", where=path, fix="give the folder that training made")
    for name in (INFO_FILE, MODEL_FILE, WEIGHTS_FILE, GOLDEN_FILE):
        if not (path / name).is_file():
            raise BundleError(
                f"the bundle lacks {name}", where=path, fix="copy the whole folder, or export again"
            )
    where = path / INFO_FILE
    try:
        data = read_json(where)
    except ArtifactError as error:
        raise _damaged(where, error) from error
    version = data.get("format_version") if isinstance(data, dict) else None
    if version not in READ_VERSIONS or isinstance(version, bool):
        known = " and ".join(map(str, READ_VERSIONS))
        raise BundleError(
            f"format version {version!r}; this oscine reads {known}",
            where=where,
            fix="export it again, or install the oscine that made it",
        )
    try:
        info = parse(BundleInfo, data, where=where)
    except ConfigError as error:
        raise _damaged(where, error) from error
    info.spec()
    return Bundle(path, info)


def write_info(path: Path, info: BundleInfo) -> None:
    """Write a bundle's description into its folder, atomically."""
    write_json(path / INFO_FILE, info.to_plain())


def write_golden(path: Path, waveforms: NDArray[np.float32], scores: NDArray[np.float32]) -> None:
    """Write a bundle's golden batch into its folder, atomically.

    Args:
        path: The bundle's folder.
        waveforms: Shape [n, n_samples].
        scores: What training gave them, 0 to 1, shape [n, n_classes].
    """
    tensors = {
        "waveforms": np.ascontiguousarray(waveforms, dtype=np.float32),
        "scores": np.ascontiguousarray(scores, dtype=np.float32),
    }
    with atomic_path(path / GOLDEN_FILE) as partial:
        save_file(tensors, partial)


def _damaged(where: Path, problem: object) -> BundleError:
    return BundleError(
        f"damaged bundle: {problem}", where=where, fix="copy it anew, or export again"
    )
