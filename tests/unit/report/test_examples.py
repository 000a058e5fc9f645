from __future__ import annotations

import base64
import io

import pytest
import soundfile

from oscine.core import ArtifactError
from oscine.report import Run
from oscine.report.examples import example_clips
from unit.report.run_folder import write_run

OTHERS = ["audio", "scan", "fits", "evaluate", "audit"]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return Run(write_run(tmp_path_factory.mktemp("examples") / "run", without=OTHERS))


def test_a_clip_says_what_it_was_taken_for_and_where_it_is(run):
    clip = example_clips(run, "worst")[1]
    assert clip.title == "Ashen Reedling"
    assert clip.detail.startswith("heard as Fork-tailed Reedling (0.80), the label itself 0.10")
    assert clip.detail.endswith("XC1.wav from 0.5 s · fold 1")


def test_the_worst_have_two_panels_and_the_best_one(run):
    worst, best = (example_clips(run, kind)[0].plot.draw(3.5) for kind in ("worst", "best"))
    assert [axes.get_title() for axes in worst.axes] == [
        "for Fork-tailed Reedling",
        "for Ashen Reedling",
    ]
    assert len(best.axes) == 1


def test_the_sound_is_the_window_s(run):
    address = example_clips(run, "best")[0].audio
    heard, rate = soundfile.read(io.BytesIO(base64.b64decode(address.partition("base64,")[2])))
    assert rate == 32_000
    assert len(heard) == pytest.approx(64_000, abs=2 * 1152)  # MP3 pads to whole frames


def test_clips_come_from_the_run_folder_alone(run, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "oscine.report.examples.read", lambda path, rate: asked.append(path) or _silence()
    )
    example_clips(run, "worst")
    assert asked
    assert all(path.is_relative_to(run.path) for path in asked)


def _silence():
    import numpy as np

    return np.zeros(100, np.float32)


def test_a_run_without_them_has_none(tmp_path):
    bare = Run(write_run(tmp_path / "run", without=[*OTHERS, "examples"]))
    assert example_clips(bare, "worst") is None


def test_damaged_pictures_are_an_error_that_says_what_to_do(tmp_path):
    path = write_run(tmp_path / "run", without=OTHERS)
    (path / "examples/pictures.safetensors").write_bytes(b"no")
    with pytest.raises(ArtifactError, match="damaged artifact"):
        example_clips(Run(path), "worst")
