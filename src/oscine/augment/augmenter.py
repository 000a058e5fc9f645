"""All augmentations of a stage, in their order, as two calls around the front end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
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

Chosen = NDArray[np.bool_]
"""Whether a clip of the batch is considered at all, shape [batch]."""

Effect = Callable[..., None]
"""Called with waveforms [batch, time], rows to change in place, its settings, draws, and Hz."""

CHANGES: Mapping[str, Effect] = {
    "speed": change_speed,
    "time_shift": shift_time,
    "filter": filter_band,
    "reverb": add_reverb,
    "gain": change_gain,
    "polarity": flip_polarity,
}
"""What changes each clip by itself, in this order, by its name in `AugmentConfig`."""

ADDITIONS: Mapping[str, Effect] = {"colored_noise": add_colored_noise, "noise": add_noise}
"""What adds sounds that are no clips, after mixing; background comes before them."""


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
        folder = config.reverb.folder if config.reverb.probability else None
        responses = load_responses(folder, sample_rate) if folder else []
        self.changes = dict(CHANGES) | {"reverb": partial(add_reverb, responses=responses)}
        self.additions = dict(ADDITIONS)
        if background is not None:
            mix = partial(mix_background, background=background)
            self.additions = {"background": mix, **ADDITIONS}

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
        self._apply(self.changes, waveforms, chosen, draws)
        self._mix("waveform", waveforms, targets, chosen, draws)
        self._apply(self.additions, waveforms, chosen, draws)
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

    def _apply(
        self, effects: Mapping[str, Effect], waveforms: Tensor, chosen: Chosen, draws: Draws
    ) -> None:
        """Let each of some effects change the clips that win its coin."""
        for name, effect in effects.items():
            config = getattr(self.config, name)
            if rows := _rows(draws, name.replace("_", "-"), config, chosen):
                effect(waveforms, rows, config, draws, self.sample_rate)

    def _mix(self, on: str, clips: Tensor, targets: Tensor, chosen: Chosen, draws: Draws) -> None:
        """Mix clips with each other, where the recipe wants it."""
        for name, mix in MIXES.items():
            config = getattr(self.config, name)
            rows = _rows(draws, name, config, chosen) if config.on == on else []
            if rows:
                partner = partners(draws, name, self.config.mix_group)
                rows = mixable(rows, partner, targets.any(dim=1), config)
                mix(clips, targets, rows, partner, config, draws)


def _rows(draws: Draws, stream: str, config: Any, chosen: Chosen) -> Rows:
    """Toss an augmentation's coin for each clip that was chosen; give the rows that won."""
    if config.probability == 0.0:
        return []
    won: Sequence[int] = np.flatnonzero(chosen & draws.coins(stream, config.probability)).tolist()
    return won
