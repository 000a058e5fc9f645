"""Scanning recordings with a bundle: NumPy and onnxruntime, never torch."""

from oscine.infer.config import ScanConfig, ScoringConfig
from oscine.infer.ensemble import Ensemble, open_ensemble
from oscine.infer.predictor import Predictor
from oscine.infer.recogniser import Recogniser, load
from oscine.infer.result import ScanResult
from oscine.infer.scan import scan

__all__ = [
    "Ensemble",
    "Predictor",
    "Recogniser",
    "ScanConfig",
    "ScanResult",
    "ScoringConfig",
    "load",
    "open_ensemble",
    "scan",
]
