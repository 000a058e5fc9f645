"""What was decided about thresholds and calibration, as JSON and as the fields of a bundle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from oscine.evaluate import CalibrationConfig, Decided
from oscine.model.bundle import BundleInfo

Kind = Literal["out_of_fold", "soundscapes"]


def decided_to_plain(
    decided: Decided, codes: Sequence[str], config: CalibrationConfig, source: Mapping[str, Any]
) -> dict[str, Any]:
    """Give what was decided as JSON-ready data.

    Args:
        decided: What `decide` gave.
        codes: Species codes of the columns.
        config: What was asked for.
        source: As `source_of` gives it.

    Returns:
        `thresholds`, `calibration` and `calibration_source` as a bundle has them; of each class
        its counts and what the threshold gives, on the rows that chose it and crossed; and the
        reliability of the scores before and after.
    """
    crossed, found = decided.crossed, decided.thresholds
    thresholds = dict(zip(codes, found.threshold.tolist(), strict=True))
    maps = dict(zip(codes, decided.maps, strict=True))
    columns = {
        "n_positive": decided.n_positive,
        "threshold": found.threshold,
        "precision": found.precision,
        "recall": found.recall,
        "crossed_precision": crossed.precision if crossed else None,
        "crossed_recall": crossed.recall if crossed else None,
        "crossed_detections": crossed.n_detected if crossed else None,
    }
    return {
        "settings": config.to_plain(),
        "n_parts": crossed.n_parts if crossed else 1,
        "thresholds": {code: value for code, value in thresholds.items() if not math.isnan(value)},
        "calibration": {code: one.stored for code, one in maps.items() if one is not None},
        "calibration_source": dict(source),
        "classes": [
            {"species_code": code}
            | {name: None if c is None else _plain(c[place]) for name, c in columns.items()}
            for place, code in enumerate(codes)
        ],
        "crossed": _pooled(decided),
        "reliability": {
            "before": decided.before.to_plain(),
            "after": crossed.reliability.to_plain() if crossed else None,
        },
    }


def _pooled(decided: Decided) -> dict[str, float | None] | None:
    """Say what all thresholds together give on rows that did not choose them."""
    crossed = decided.crossed
    if crossed is None:
        return None
    right, detected, positive = (
        int(counts.sum()) for counts in (crossed.n_right, crossed.n_detected, crossed.n_positive)
    )
    return {
        "detections": detected,
        "precision": right / detected if detected else None,
        "recall": right / positive if positive else None,
    }


def _plain(value: Any) -> float | int | None:
    number = value.item()
    return None if isinstance(number, float) and math.isnan(number) else number


def source_of(
    kind: Kind, where: str, config: CalibrationConfig, n_rows: int, n_groups: int
) -> dict[str, Any]:
    """Say what thresholds and calibration are learned from, now."""
    return {
        "kind": kind,
        "where": where,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "rule": config.rule,
        "n_rows": n_rows,
        "n_groups": n_groups,
    }


def bundle_fields(decided: Mapping[str, Any] | None) -> dict[str, Any]:
    """Pick what a bundle holds of what was decided; nothing where nothing was.

    Args:
        decided: As `decided_to_plain` gives it.
    """
    names = ("thresholds", "calibration", "calibration_source")
    return {name: decided[name] for name in names} if decided else {}


def with_decisions(info: BundleInfo, decided: Mapping[str, Any]) -> BundleInfo:
    """Give a bundle's description with other thresholds and calibration, in the present form."""
    from oscine.model.bundle import FORMAT_VERSION

    plain = info.to_plain() | {"format_version": FORMAT_VERSION} | bundle_fields(decided)
    return BundleInfo.model_validate(plain)
