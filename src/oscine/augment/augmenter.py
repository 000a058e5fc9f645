"""All augmentations of a stage, in their order, as two calls around the front end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from oscine.augment.background import Background, load_responses, mix_background
from oscine.augment.config import AugmentConfig
from oscine.augment.draws import Draws
from oscine.augment.mixing import MIXES, mixable, partners
from oscine.augment.spectrogram import mask, shift_bands
from oscine.augment.waveform import (
    Rows,
    add_colored_noise,
    add_noise,
    add_reverb,
    change_gain,
    change_speed,
    filter_band,
    flip_polarity,
    shift_time,
)

Mixed = tuple[Float[Tensor, "batch ..."], Float[Tensor, "batch classes"]]
"""Waveforms or images, and their targets."""


class Augmenter:
    """Augments batches by one stage's settings; nothing in it changes from batch to batch.

    Args:
        config: The settings.
        sample_rate: Of the waveforms, Hz.
        background: What `background` mixes in; None: nothing.
    """

    def __init__(
        self, config: AugmentConfig, sample_rate: int, background: Background | None = None
    ) -> None:
        self.config = config
        self.sample_rate = sample_rate
        self.background = background
        folder = config.reverb.folder if config.reverb.probability else None
        self.responses = load_responses(folder, sample_rate) if folder else []

    def on_waveforms(
        self,
        waveforms: Float[Tensor, "batch time"],
        targets: Float[Tensor, "batch classes"],
        draws: Draws,
    ) -> Mixed:
        """Augment before the front end.

        Args:
            waveforms: Full scale is 1; left as they are.
            targets: Class weights in [0, 1]; left as they are.
            draws: The batch's draws.

        Returns:
            New waveforms and targets.
        """
        config = self.config
        if not config.enabled or config.waveform_probability == 0.0:
            return waveforms, targets
        chosen = draws.coins("waveform", config.waveform_probability)
        waveforms, targets = waveforms.clone(), targets.clone()
        self._change(waveforms, chosen, draws)
        self._mix("waveform", waveforms, targets, chosen, draws)
        self._add(waveforms, chosen, draws)
        return waveforms, targets

    def on_images(
        self,
        images: Float[Tensor, "batch channels mels frames"],
        targets: Float[Tensor, "batch classes"],
        draws: Draws,
    ) -> Mixed:
        """Augment after the front end.

        Args:
            images: Spectrograms; left as they are.
            targets: Class weights in [0, 1]; left as they are.
            draws: The batch's draws.

        Returns:
            New images and targets.
        """
        config = self.config
        if not config.enabled:
            return images, targets
        every = np.ones(len(images), dtype=bool)
        rows = _rows(draws, "band-shift", config.band_shift, every)
        if rows or "image" in (config.mixup.on, config.cutmix.on):
            images, targets = images.clone(), targets.clone()
            shift_bands(images, rows, config.band_shift, draws)
            self._mix("image", images, targets, every, draws)
        images = mask(images, "frequency", config.frequency_masks, draws)
        return mask(images, "time", config.time_masks, draws), targets

    def _change(self, waveforms: Tensor, chosen: NDArray[np.bool_], draws: Draws) -> None:
        """Change each clip by itself."""
        config, rate = self.config, self.sample_rate
        if rows := _rows(draws, "speed", config.speed, chosen):
            change_speed(waveforms, rows, config.speed, draws)
        if rows := _rows(draws, "time-shift", config.time_shift, chosen):
            shift_time(waveforms, rows, config.time_shift, draws)
        if rows := _rows(draws, "filter", config.filter, chosen):
            filter_band(waveforms, rows, config.filter, draws, rate)
        if rows := _rows(draws, "reverb", config.reverb, chosen):
            add_reverb(waveforms, rows, config.reverb, draws, rate, self.responses)
        if rows := _rows(draws, "gain", config.gain, chosen):
            change_gain(waveforms, rows, config.gain, draws)
        if rows := _rows(draws, "polarity", config.polarity, chosen):
            flip_polarity(waveforms, rows)

    def _mix(
        self, on: str, clips: Tensor, targets: Tensor, chosen: NDArray[np.bool_], draws: Draws
    ) -> None:
        """Mix clips with each other, where the recipe wants it."""
        for name, mix in MIXES.items():
            config = getattr(self.config, name)
            rows = _rows(draws, name, config, chosen) if config.on == on else []
            if rows:
                partner = partners(draws, name, self.config.mix_group)
                rows = mixable(rows, partner, targets.any(dim=1), config)
                mix(clips, targets, rows, partner, config, draws)

    def _add(self, waveforms: Tensor, chosen: NDArray[np.bool_], draws: Draws) -> None:
        """Add sounds that are no clips."""
        config = self.config
        rows = _rows(draws, "background", config.background, chosen)
        if rows and self.background is not None:
            mix_background(waveforms, rows, config.background, draws, self.background)
        if rows := _rows(draws, "colored-noise", config.colored_noise, chosen):
            add_colored_noise(waveforms, rows, config.colored_noise, draws)
        if rows := _rows(draws, "noise", config.noise, chosen):
            add_noise(waveforms, rows, config.noise, draws)


def _rows(draws: Draws, stream: str, config: Any, chosen: NDArray[np.bool_]) -> Rows:
    """Toss an augmentation's coin for each clip that was chosen; give the rows that won."""
    if config.probability == 0.0:
        return []
    won: Sequence[int] = np.flatnonzero(chosen & draws.coins(stream, config.probability)).tolist()
    return won
