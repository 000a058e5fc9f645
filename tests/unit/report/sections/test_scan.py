from __future__ import annotations

import polars as pl

from oscine.report import Run
from oscine.report.sections.scan import SPECIES_SHOWN, scan
from unit.report.run_folder import write_run


def test_the_scan_is_summed_up_in_a_sentence(finished):
    assert scan(finished).text[0].startswith("2 files, 4 min 0 s of sound in 48 windows")


def test_the_timeline_is_of_one_soundscape_and_its_strongest_species(finished):
    plot = next(
        block for block in scan(finished).blocks if getattr(block, "name", "") == "timeline"
    )
    shown = plot.draw.args[0]
    assert shown["filepath"].n_unique() == 1
    assert shown["name"].n_unique() <= SPECIES_SHOWN


def test_scores_against_annotations_are_optional(tmp_path):
    run = write_run(tmp_path / "run", without=["fits", "audio"])
    (run / "scan/metrics.json").unlink()
    assert "Scores against the annotations" not in [
        getattr(block, "caption", "") for block in scan(Run(run)).blocks
    ]


def test_a_scan_that_heard_nothing_has_a_sentence_and_no_figure(tmp_path):
    run = write_run(tmp_path / "run", without=["fits", "audio"])
    path = run / "scan/detections.parquet"
    pl.read_parquet(path).clear().write_parquet(path)
    (run / "scan/metrics.json").unlink()
    section = scan(Run(run))
    assert "0 detections" in section.text[0]
    assert section.blocks == []
