"""Files to mono float32 waveforms: decoding, measuring, windows, the decode cache, datasets."""

from oscine.audio.align import Alignment, Supposed, align, align_all
from oscine.audio.cache import BuildFailure, BuildReport, CacheRow, DecodeCache
from oscine.audio.config import AudioConfig
from oscine.audio.dataset import Clip, ReadFinding, ReadResult, WindowReader, WindowRequest
from oscine.audio.decode import AudioInfo, probe, read, stream
from oscine.audio.fingerprint import Fingerprinter, Landmarks
from oscine.audio.measure import Measurement, measure, measure_all
from oscine.audio.sampling import epoch_order, weighted_order
from oscine.audio.speech import Heard, Stretch, hear_all, open_speech_model, speech_model_path
from oscine.audio.windows import crop_start, fit_length, window_starts

__all__ = [
    "Alignment",
    "AudioConfig",
    "AudioInfo",
    "BuildFailure",
    "BuildReport",
    "CacheRow",
    "Clip",
    "DecodeCache",
    "Fingerprinter",
    "Heard",
    "Landmarks",
    "Measurement",
    "ReadFinding",
    "ReadResult",
    "Stretch",
    "Supposed",
    "WindowReader",
    "WindowRequest",
    "align",
    "align_all",
    "crop_start",
    "epoch_order",
    "fit_length",
    "hear_all",
    "measure",
    "measure_all",
    "open_speech_model",
    "probe",
    "read",
    "speech_model_path",
    "stream",
    "weighted_order",
    "window_starts",
]
