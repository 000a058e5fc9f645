from __future__ import annotations

from pathlib import Path

import pytest

from synthetic import make_scan


def test_labels_are_start_end_and_text_without_a_header(tmp_path: Path) -> None:
    result = make_scan(tmp_path, formats=("audacity",))
    first = result.detections().row(0, named=True)
    path = result.folder / "audacity" / f"{first['filename']}.txt"
    start, end, label = path.read_text().splitlines()[0].split("\t")
    assert (float(start), float(end)) == (first["start_s"], first["end_s"])
    name, score = label.rsplit(" ", 1)
    assert name == f"{first['species_code']}: {first['common_name']}"
    assert float(score.strip("()")) == pytest.approx(first["score"], abs=5e-4)  # three decimals


def test_every_detection_has_its_line(tmp_path: Path) -> None:
    result = make_scan(tmp_path, formats=("audacity",))
    lines = [
        line
        for path in (result.folder / "audacity").iterdir()
        for line in path.read_text().splitlines()
    ]
    assert len(lines) == len(result.detections())
