"""Waveform -> logits, losses and the bundle. Importing this package never imports torch."""

from oscine.model.bundle import (
    FORMAT_VERSION,
    Bundle,
    BundleInfo,
    SpeciesInfo,
    read_bundle,
    write_golden,
    write_info,
)

__all__ = [
    "FORMAT_VERSION",
    "Bundle",
    "BundleInfo",
    "SpeciesInfo",
    "read_bundle",
    "write_golden",
    "write_info",
]
