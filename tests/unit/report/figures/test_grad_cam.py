from __future__ import annotations

import numpy as np
import pytest

from oscine.features import FeatureConfig, LogMel, resolve
from oscine.report.figures.grad_cam import draw_grad_cam, overlay, place_of
from oscine.report.figures.style import NARROW_IN, WIDE_IN

SPEC = resolve(FeatureConfig(n_fft=1024, n_mels=64, n_frames=100, scaling="none"), 32_000, 5.0)
IMAGE = np.linspace(-80, 0, 6400).reshape(64, 100)


@pytest.mark.parametrize("frequency_hz", [700.0, 2000.0, 9000.0])
def test_a_tone_lies_at_its_own_frequency_on_the_axis(frequency_hz):
    t = np.arange(SPEC.n_samples) / SPEC.sample_rate
    tone = np.sin(2 * np.pi * frequency_hz * t).astype(np.float32)
    loudest = LogMel(SPEC)(tone[None])[0, 0].mean(axis=1).argmax()
    assert place_of(np.array([frequency_hz]), SPEC)[0] == pytest.approx(loudest, abs=0.75)


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_axes_are_in_seconds_and_hertz(width_in):
    figure = draw_grad_cam(
        IMAGE, {"for a": np.ones((2, 4)), "for b": np.ones((2, 4))}, SPEC, width_in
    )
    first, last = figure.axes
    assert last.get_xlabel() == "time, s"
    assert last.get_xlim() == (0.0, 5.0)
    assert first.get_ylabel() == "Hz"
    labels = [text.get_text() for text in first.get_yticklabels()]
    assert {"1,000", "5,000"} <= set(labels)
    assert (np.abs(np.diff(first.get_yticks())) > 64 / 8).all()
    assert [axes.get_title() for axes in figure.axes] == ["for a", "for b"]


def test_frames_within_the_clip_stand_where_they_hear():
    spec = resolve(FeatureConfig(n_fft=8000, n_frames=10, n_mels=16, padding="none"), 32_000, 5.0)
    figure = draw_grad_cam(np.zeros((16, 10)), {"": np.zeros((1, 1))}, spec, WIDE_IN)
    left, right, *_ = figure.axes[0].images[0].get_extent()
    half_hop_s = spec.hop_length / spec.sample_rate / 2
    assert left == pytest.approx(0.125 - half_hop_s)
    assert right == pytest.approx(4.875 + half_hop_s, abs=1e-3)  # the hop is whole samples


def test_a_picture_is_no_larger_than_can_be_seen():
    image = np.zeros((320, 3000))
    image[:, 1500:] = -60
    colors = overlay(image, np.zeros((2, 4)))
    assert colors.shape == (160, 480, 3)
    # What is left is what was there.
    assert colors[:, :238].min() == pytest.approx(1.0)
    assert colors[:, 242:].max() == pytest.approx(0.0, abs=1e-6)


def test_where_nothing_is_warm_the_picture_is_grey():
    colors = overlay(IMAGE, np.zeros((2, 4)))
    assert (colors == colors[..., :1]).all()
    assert (colors.min(), colors.max()) == (0.0, 1.0)


def test_the_warmest_corner_is_the_map_s():
    warmth = np.zeros((2, 4))
    warmth[1, 3] = 1.0
    colors = overlay(np.zeros((64, 100)), warmth)
    redder = colors[..., 0] - colors[..., 2]
    assert redder[-1, -1] == redder.max() > 0.5
    assert redder[0, 0] == 0


def test_maps_share_one_scale():
    figure = draw_grad_cam(
        np.zeros((64, 100)),
        {"strong": np.full((2, 4), 8.0), "weak": np.full((2, 4), 1.0)},
        SPEC,
        3.5,
    )
    strong, weak = (axes.images[0].get_array() for axes in figure.axes)
    blue = [1 - float(array[..., 2].mean()) for array in (strong, weak)]
    assert blue[0] == pytest.approx(8 * blue[1])


def test_maps_of_nothing_are_drawn():
    figure = draw_grad_cam(IMAGE, {"for a": np.zeros((2, 4))}, SPEC, WIDE_IN)
    assert len(figure.axes[0].images) == 1
