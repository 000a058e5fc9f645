"""All augmentations of a stage, in their order, as two calls around the front end."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from oscine.augment.config import AugmentConfig
from oscine.augment.draws import Draws
from oscine.augment.mixing import Mixed, cutmix, mixup
from oscine.augment.spectrogram import mask
from oscine.augment.waveform import add_noise, change_gain, shift_time


class Augmenter:
    """Augments batches by one stage's settings; holds no state.

    Args:
        config: The settings.
    """

    def __init__(self, config: AugmentConfig) -> None:
        self.config = config

    def on_waveforms(
        self,
        waveforms: Float[Tensor, "batch time"],
        targets: Float[Tensor, "batch classes"],
        draws: Draws,
    ) -> Mixed:
        """Augment before the front end.

        Args:
            waveforms: Full scale is 1.
            targets: Class weights in [0, 1].
            draws: The batch's draws.

        Returns:
            New waveforms and targets.
        """
        config = self.config
        if not config.enabled or config.waveform_probability == 0.0:
            return waveforms, targets
        chosen = draws.coins("waveform", config.waveform_probability)
        if config.gain.probability:
            waveforms = change_gain(waveforms, chosen, config.gain, draws)
        if config.time_shift.probability:
            waveforms = shift_time(waveforms, chosen, config.time_shift, draws)
        if config.mixup.probability:
            waveforms, targets = mixup(waveforms, targets, chosen, config.mixup, draws)
        if config.cutmix.probability:
            waveforms, targets = cutmix(waveforms, targets, chosen, config.cutmix, draws)
        if config.noise.probability:
            waveforms = add_noise(waveforms, chosen, config.noise, draws)
        return waveforms, targets

    def on_images(
        self, images: Float[Tensor, "batch channels mels frames"], draws: Draws
    ) -> Float[Tensor, "batch channels mels frames"]:
        """Augment after the front end.

        Args:
            images: Spectrograms.
            draws: The batch's draws.

        Returns:
            New images.
        """
        if not self.config.enabled:
            return images
        images = mask(images, "frequency", self.config.frequency_masks, draws)
        return mask(images, "time", self.config.time_masks, draws)
