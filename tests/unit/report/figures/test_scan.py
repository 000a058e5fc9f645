from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.report.figures.scan import draw_spectrogram, draw_timeline, spectrogram_db
from oscine.report.figures.style import NARROW_IN


def test_a_stronger_detection_is_drawn_deeper():
    detections = pl.DataFrame(
        {"name": ["A", "A"], "start_s": [0.0, 5.0], "end_s": [5.0, 10.0], "score": [0.1, 0.9]}
    )
    weak, strong = draw_timeline(detections, NARROW_IN).axes[0].patches
    assert weak.get_alpha() < strong.get_alpha() <= 1.0


@pytest.mark.parametrize("frequency_hz", [1000.0, 5000.0, 12_000.0])
def test_a_tone_peaks_at_its_own_frequency(frequency_hz):
    t = np.arange(32_000) / 32_000
    level_db, _ = spectrogram_db(np.sin(2 * np.pi * frequency_hz * t))
    # A bin of 512 points at 32 kHz is 62.5 Hz wide.
    assert level_db.mean(axis=1).argmax() * 62.5 == pytest.approx(frequency_hz, abs=62.5)
    assert level_db.max() == pytest.approx(0.0)


@pytest.mark.parametrize("n_samples", [0, 1, 100, 512])
def test_a_clip_shorter_than_a_frame_is_still_a_picture(n_samples):
    level_db, _ = spectrogram_db(np.zeros(n_samples))
    assert level_db.shape == (257, 1)
    assert np.isfinite(level_db).all()


def test_a_long_clip_has_no_more_frames_than_a_picture_needs():
    assert spectrogram_db(np.zeros(32_000 * 60))[0].shape[1] <= 501


def test_a_spectrogram_spans_the_clip_and_the_band():
    (axes,) = draw_spectrogram(np.random.default_rng(0).normal(size=64_000), 32_000, 3.5).axes
    left, right, low, high = axes.images[0].get_extent()
    # The last frame's hop may reach past the end by less than a frame.
    assert (left, low, high) == (0.0, 0.0, 16.0)
    assert right == pytest.approx(2.0, abs=0.02)
