"""A bundle whose thresholds and calibration are learned from annotated soundscapes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from oscine.core import BundleError, ScanError, atomic_path, write_json, write_text
from oscine.evaluate import CalibrationConfig, deal, decide
from oscine.model.bundle import read_bundle, write_info
from oscine.pipeline.decisions import decided_to_plain, source_of, with_decisions
from oscine.pipeline.model_card import CARD, renew_promises
from oscine.pipeline.scan_evaluation import AnnotatedScan

DECIDED_FILE = "calibration.json"
"""What was decided, class by class, beside the bundle that holds it."""


def calibrate_bundle(asked: AnnotatedScan, config: CalibrationConfig, out: Path) -> dict[str, Any]:
    """Write a copy of a bundle with thresholds and calibration of annotated soundscapes.

    Args:
        asked: The scan, of uncalibrated scores, its annotations, and the bundle that made it.
        config: What is asked for.
        out: Folder of the new bundle; it must not exist, so that nothing is lost.

    Returns:
        What was decided, as the copy's `calibration.json` has it.

    Raises:
        BundleError: There is no bundle, or `out` exists.
        ScanError: The scan is not of this bundle, or its scores are calibrated.
        CatalogError: The annotations cannot be read.
        MetricError: No scanned window is annotated.
    """
    if asked.bundle is None:
        raise BundleError("no bundle to calibrate", fix="give the bundle that made the scan")
    if out.exists():
        raise BundleError("the folder is there already", where=out, fix="give another with --out")
    if asked.is_calibrated:
        raise ScanError(
            "its scores are calibrated already",
            where=asked.scan,
            fix="scan again without --calibrate; finished recordings are not scored twice",
        )
    info = read_bundle(asked.bundle).info
    found, _ = asked.align(info)
    known = np.ones(found.targets.shape, dtype=bool)
    decided = decide(found.targets, found.scores, known, deal(found.groups), config)
    source = source_of(
        "soundscapes",
        asked.annotations.name,
        config,
        len(found.windows),
        len(set(found.groups)),
    )
    told = decided_to_plain(decided, found.codes, config, source)
    with atomic_path(out) as partial:
        shutil.copytree(asked.bundle, partial)
        write_info(partial, with_decisions(info, told))
        write_json(partial / DECIDED_FILE, told)
        if (card := partial / CARD).exists():
            write_text(card, renew_promises(card.read_text(encoding="utf-8"), told))
    return told
