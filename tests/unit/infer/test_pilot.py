from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from oscine.infer.config import ScoringConfig
from oscine.infer.ensemble import Heard, open_ensemble
from oscine.infer.levels import ladder
from oscine.infer.pilot import Pilot
from oscine.infer.scoring import full_level
from synthetic import make_bundle


def test_recordings_of_unknown_length_count_as_those_that_are_known(
    tmp_path: Path,
) -> None:
    ensemble = open_ensemble([make_bundle(tmp_path / name).path for name in "ab"])
    full = full_level(ensemble, ScoringConfig())
    levels = ladder(full, ensemble.worth(), ensemble.knows(), 1)
    pilot = Pilot(ensemble, levels, 1000.0, time.monotonic(), 2)
    slow = Heard(np.empty((0, 0), np.float32), np.zeros(1), np.array([1.0, 1.0]))
    for _ in range(300):
        pilot.pace.observe(full, 0.0, slow, 2.0)
    unknown = Path("unknown.wav")
    pilot.plan({Path("known.wav"): 400, unknown: None})
    # 800 windows at 2 s are too much for 1000 s, one bundle is not; 400 would fit in full.
    assert pilot.choose(Path("known.wav"), 0) == levels[-1]
    pilot.plan({Path("known.wav"): 400})
    assert pilot.choose(Path("known.wav"), 0) == full
