"""The log-mel front end, twice: NumPy here, torch in `mel_torch`, proven equal."""

from oscine.features.filterbank import mel_filterbank
from oscine.features.mel_numpy import LogMel, analysis_window
from oscine.features.pcen import averaging_matrix
from oscine.features.scaling import SCALINGS, scale
from oscine.features.spec import FeatureConfig, MelSpec, resolve

__all__ = [
    "SCALINGS",
    "FeatureConfig",
    "LogMel",
    "MelSpec",
    "analysis_window",
    "averaging_matrix",
    "mel_filterbank",
    "resolve",
    "scale",
]
