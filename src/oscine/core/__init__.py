"""The ground floor: errors, reason codes, units, seeding, atomic artifacts, progress."""

from oscine.core.artifacts import (
    REDO,
    atomic_path,
    fingerprint,
    hash_file,
    read_json,
    write_json,
    write_text,
)
from oscine.core.errors import (
    ArtifactError,
    AudioError,
    BundleError,
    CatalogError,
    ConfigError,
    DownloadError,
    FeatureError,
    LabelError,
    LeakError,
    MetricError,
    MissingExtraError,
    ModelError,
    OscineError,
    ScanError,
    SourceError,
    TrainingError,
    UndefinedMetricError,
)
from oscine.core.parallel import available_cores, map_ordered
from oscine.core.progress import track
from oscine.core.reasons import QUARANTINE, Reason, reason_words
from oscine.core.seeding import generator, seed_for
from oscine.core.units import (
    hop_for_frames,
    resampled_length,
    samples_to_seconds,
    seconds_to_samples,
)

__all__ = [
    "ArtifactError",
    "AudioError",
    "BundleError",
    "CatalogError",
    "ConfigError",
    "DownloadError",
    "FeatureError",
    "LabelError",
    "LeakError",
    "MetricError",
    "MissingExtraError",
    "ModelError",
    "OscineError",
    "ScanError",
    "SourceError",
    "TrainingError",
    "UndefinedMetricError",
    "Reason",
    "QUARANTINE",
    "REDO",
    "atomic_path",
    "available_cores",
    "fingerprint",
    "generator",
    "hash_file",
    "hop_for_frames",
    "map_ordered",
    "read_json",
    "reason_words",
    "resampled_length",
    "samples_to_seconds",
    "seconds_to_samples",
    "seed_for",
    "track",
    "write_json",
    "write_text",
]
