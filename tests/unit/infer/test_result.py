from __future__ import annotations

from pathlib import Path

import pytest

from oscine.core import ArtifactError
from oscine.infer.result import ScanResult
from synthetic import make_species


def test_a_result_whose_tables_are_gone_says_so(tmp_path: Path) -> None:
    result = ScanResult(tmp_path, tuple(make_species(1)), 0.0, 1.0, ("a.wav",), n_scanned=1)
    assert result.n_recordings == 1
    assert result.scores_path == tmp_path / "scores.parquet"
    with pytest.raises(ArtifactError, match=r"detections\.parquet"):
        result.detections()
    with pytest.raises(ArtifactError, match=r"findings\.parquet"):
        result.findings()
