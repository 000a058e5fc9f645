from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.core import ScanError
from oscine.infer import ScanConfig, scan
from oscine.infer.tables import Rows
from oscine.infer.writers.submission import Submission
from oscine.infer.writers.submission_rows import read_template
from synthetic import make_bundle, make_recording, make_scan, make_spec
from unit.infer.writers.test_submission_rows import make_detections, make_template


def make_rows(name: str, start_s: list[float], end_s: list[float], *scores: list[float]) -> Rows:
    """Rows of a recording; `scores` are of one species each."""
    values = np.array(scores, dtype=np.float32).T
    return Rows(name, np.array(start_s, float), np.array(end_s, float), values)


def read(submission: Submission) -> pl.DataFrame:
    return pl.read_csv(b"".join(submission.lines()))


def test_rows_of_five_seconds_are_the_windows_themselves(tmp_path: Path) -> None:
    result = make_scan(tmp_path, formats=("submission",), spec=make_spec(window_s=5.0))
    rows = pl.read_csv(result.folder / "submission.csv")
    assert rows.columns == ["row_id", "spec0", "spec1", "spec2"]
    assert rows["row_id"].to_list() == [
        "soundscape_0_5",
        "soundscape_0_10",
        "soundscape_1_5",
        "soundscape_1_10",
    ]
    scores = result.scores().select("spec0", "spec1", "spec2").collect().to_numpy()
    # Text of single precision reads back to the same value.
    np.testing.assert_array_equal(rows.drop("row_id").to_numpy().astype(np.float32), scores)


@pytest.mark.parametrize(
    ("start_s", "end_s", "scores", "expected"),
    [
        ([0], [10], [0.5], [0.5, 0.5]),
        ([0, 2.5, 5], [5, 7.5, 10], [0.0, 0.3, 0.6], [0.1, 0.5]),
        ([0, 10], [10, 20], [0.2, 0.8], [0.2, 0.2, 0.8, 0.8]),
        ([0, 15], [5, 20], [0.2, 0.8], [0.2, 0.2, 0.8, 0.8]),
        ([0, 5], [5, 6.0], [0.2, 0.8], [0.2]),
        ([0], [1.0], [0.2], [0.2]),
    ],
    ids=["one long", "overlapping", "long", "gaps", "a short rest", "a short file"],
)
def test_a_row_is_the_mean_of_the_windows_it_overlaps(
    start_s: list[float], end_s: list[float], scores: list[float], expected: list[float]
) -> None:
    submission = Submission(["x"], {"a.ogg": end_s[-1]})
    submission.add(make_rows("a.ogg", start_s, end_s, scores), make_detections())
    rows = read(submission)
    assert rows["row_id"].to_list() == [f"a_{5 * (i + 1)}" for i in range(len(expected))]
    # Single precision.
    np.testing.assert_allclose(rows["x"].to_numpy(), expected, rtol=1e-6)


def test_what_is_filled_often_and_in_any_order_is_what_is_filled_once() -> None:
    lengths_s = {"a.ogg": 10.0, "b.ogg": 10.0, "c, d.ogg": 10.0}
    tables = {
        name: make_rows(name, [0, 5], [5, 10], [0.1 * n, 0.2 * n])
        for n, name in enumerate(lengths_s)
    }
    once, often = Submission(["x"], lengths_s), Submission(["x"], lengths_s)
    for name in list(lengths_s)[:2]:
        once.add(tables[name], make_detections())
    often.add(make_rows("b.ogg", [0], [5], [0.9]), make_detections(), is_whole=False)
    assert read(often)["x"].to_list() == pytest.approx([0.9] * 6, rel=1e-6)
    for name in ("b.ogg", "a.ogg"):
        often.add(tables[name], make_detections())
        list(often.lines())
    assert list(once.lines()) == list(often.lines())
    assert read(often)["row_id"].to_list()[-1] == "c, d_10"
    often.clear()
    for name in list(lengths_s)[:2]:
        often.add(tables[name], make_detections())
    assert list(once.lines()) == list(often.lines())


def test_a_length_that_only_the_scan_tells_gives_its_rows() -> None:
    submission = Submission(["x"], {"a.ogg": 60.0, "b.ogg": None, "c.ogg": None})
    assert read(submission)["row_id"].to_list() == [f"a_{end}" for end in range(5, 65, 5)] + [
        "b_5",
        "c_5",
    ]
    for name in ("a.ogg", "b.ogg"):
        submission.add(make_rows(name, [0, 5], [5, 10], [0.25, 0.75]), make_detections())
    rows = read(submission)
    assert rows["row_id"].to_list() == [f"{name}_{end}" for name in "abc" for end in (5, 10)]
    assert rows["x"].to_list() == [0.25, 0.75, 0.25, 0.75, 0.5, 0.5]


def test_rows_columns_and_order_are_the_templates(tmp_path: Path) -> None:
    lines = ("row_id,new,y,x", "b_5,0,0,0", "a_10,0,0,0", "gone_5,0,0,0", "a_5,0,0,0")
    template = read_template(make_template(tmp_path, *lines))
    submission = Submission(["x", "y", "z"], {"a.ogg": 10.0, "b.ogg": 5.0}, template)
    assert submission.unknown == ["new"]
    scores = [0.25, 0.75], [0.5, 0.5], [1.0, 1.0]
    submission.add(make_rows("a.ogg", [0, 5], [5, 10], *scores), make_detections())
    rows = read(submission)
    assert rows.columns == ["row_id", "new", "y", "x"]
    assert rows["row_id"].to_list() == ["b_5", "a_10", "gone_5", "a_5"]
    assert rows["new"].to_list() == [0.0] * 4
    assert rows["x"].to_list() == [0.5, 0.75, 0.5, 0.25]  # the mean where nothing was scanned
    assert rows["y"].to_list() == [0.5] * 4


def test_rows_behind_the_end_of_a_recording_have_the_mean(tmp_path: Path) -> None:
    template = read_template(make_template(tmp_path, "row_id,x", "a_5,0", "a_10,0", "a_15,0"))
    submission = Submission(["x"], {"a.ogg": 7.0}, template)
    submission.add(make_rows("a.ogg", [0, 5], [5, 7], [0.25, 0.75]), make_detections())
    assert read(submission)["x"].to_list() == [0.25, 0.75, 0.5]


def test_a_submission_is_whole_before_anything_is_scanned(tmp_path: Path) -> None:
    template = read_template(make_template(tmp_path, "row_id,x", "a_5,0", "a_10,0"))
    Submission(["x"], {"a.ogg": 10.0}, template).write(tmp_path)
    rows = pl.read_csv(tmp_path / "submission.csv")
    assert rows.to_dict(as_series=False) == {"row_id": ["a_5", "a_10"], "x": [0.0, 0.0]}


def fill(lines: tuple[str, ...], folder: Path) -> pl.DataFrame:
    """A submission of one scanned recording with x, nocall and y in its two rows."""
    template = read_template(make_template(folder, *lines))
    submission = Submission(["x", "y", "nocall"], {"in/11_SSW_20190904.ogg": 10.0}, template)
    scores = make_rows("in/11_SSW_20190904.ogg", [0, 5], [5, 10], *[[0.9, 0.9]] * 3)
    found = [(0.0, 5.0, "y"), (0.0, 5.0, "x"), (5.0, 10.0, "nocall")]
    submission.add(scores, make_detections(*found))
    submission.write(folder)
    return pl.read_csv(folder / "submission.csv", infer_schema=False)


def test_birds_are_joined_by_spaces_or_nocall(tmp_path: Path) -> None:
    ids = ("11_SSW_5", "11_SSW_10", "11_SSW_15", "12_COR_5", "site_3_11_SSW_20190904")
    rows = fill(("row_id,birds", *(f"{one},nocall" for one in ids)), tmp_path)
    assert rows.columns == ["row_id", "birds"]
    assert rows["row_id"].to_list() == list(ids)
    assert rows["birds"].to_list() == ["x y", "nocall", "nocall", "nocall", "x y"]


def test_targets_are_true_or_false(tmp_path: Path) -> None:
    ids = [f"11_SSW_20190904_{code}_{end}" for code in ("y", "new", "x") for end in (5, 10)]
    rows = fill(("row_id,target", *(f"{one},False" for one in [*ids, "gone_x_5"])), tmp_path)
    assert rows["row_id"].to_list() == [*ids, "gone_x_5"]
    expected = ["True", "False", "False", "False", "True", "False", "False"]
    assert rows["target"].to_list() == expected


def test_a_model_that_knows_no_species_of_the_template_is_refused_before_the_scan(
    tmp_path: Path,
) -> None:
    make_bundle(tmp_path / "bundle")
    recording = make_recording(tmp_path / "a.wav", 8.0)
    template = make_template(tmp_path, "row_id,other", "a_5,0")
    config = ScanConfig(formats=("submission",), sample_submission=template)
    with pytest.raises(ScanError, match="knows none of the 1 species"):
        scan([tmp_path / "bundle"], [recording], config, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_species_that_the_model_does_not_know_are_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_bundle(tmp_path / "bundle")
    recording = make_recording(tmp_path / "a.wav", 8.0)
    template = make_template(tmp_path, "row_id,spec0,new", "a_5,0,0")
    config = ScanConfig(formats=("submission",), sample_submission=template)
    with caplog.at_level(logging.WARNING, "oscine"):
        scan([tmp_path / "bundle"], [recording], config, tmp_path / "out")
    told = "1 of 2 species are unknown to the model, and nowhere heard: new"
    assert caplog.text.count(told) == 1


def test_recordings_that_cannot_be_read_have_rows_too(tmp_path: Path) -> None:
    make_bundle(tmp_path / "bundle", spec=make_spec(window_s=5.0))
    recordings = [make_recording(tmp_path / f"{name}.wav", 10.0) for name in "abc"]
    recordings[1].write_bytes(b"no audio")
    recordings.append(tmp_path / "gone.wav")
    config = ScanConfig(formats=("submission",))
    result = scan([tmp_path / "bundle"], recordings, config, tmp_path / "out")
    rows = pl.read_csv(result.folder / "submission.csv")
    expected = [f"{name}_{end}" for name in ("a", "b", "c", "gone") for end in (5, 10)]
    assert rows["row_id"].to_list() == expected
    scanned = rows.filter(
        pl.col("row_id").str.starts_with("a") | pl.col("row_id").str.starts_with("c")
    )
    assert rows["spec0"][2] == pytest.approx(scanned["spec0"].mean(), abs=1e-6)
