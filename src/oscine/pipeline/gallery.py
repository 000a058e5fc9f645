"""The gallery of a recipe's augmentations: what each does to one real recording, as files.

An augmentation is asked for `N_TRIES` clips in a row; those that change the image little, middling
and much are kept. So the gallery needs to know nothing of any augmentation's parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from safetensors.numpy import save_file

from oscine.audio import read
from oscine.augment import AugmentConfig
from oscine.catalog import read_catalog
from oscine.core import AudioError, ConfigError, atomic_path, write_json
from oscine.features import MelSpec, resolve
from oscine.pipeline.recipe import Recipe

Floats = NDArray[np.float32]

N_TRIES = 40
"""Draws of each augmentation that are looked at."""

LEVELS = {"low": 0.1, "middle": 0.5, "high": 0.9}
"""Which of the draws are shown: quantiles of how much they change the image."""

CANDIDATES = 40
"""Recordings of a catalog that are tried until two can be read."""


@dataclass(frozen=True)
class _Heard:
    """What an augmentation made of the clip in one draw."""

    waveform: Floats
    image: Floats


def make_gallery(recipe: Recipe, recordings: Sequence[Path], folder: Path) -> None:
    """Augment a recording in every way that there is, and write what is seen and heard.

    Args:
        recipe: Its audio, features and fine-tuning augmentations are used.
        recordings: The recording shown, and a partner for mixing; what lacks is taken from the
            recipe's catalogs.
        folder: Gets `gallery.json`, `images.safetensors` and a flac file a sound.

    Raises:
        AudioError: A given recording cannot be read.
        ConfigError: Nothing in the recipe's catalogs can be read.
    """
    spec = resolve(recipe.features, recipe.audio.sample_rate, recipe.audio.window_s)
    shown, partner = _two(recipe, recordings, spec)
    config = recipe.finetune.augment
    items = [{"name": "as recorded", "level": "", "chance": None}]
    heard = [_look(np.stack([shown[1], partner[1]]), spec)]
    for name in augmentations():
        alone = _alone(config, name)
        if alone is None:
            continue
        tries = _tries(alone, np.stack([shown[1], partner[1]]), spec, recipe.seed)
        ranked = sorted(tries, key=lambda each: float(np.abs(each.image - heard[0].image).mean()))
        for level, quantile in LEVELS.items():
            chance = getattr(config, name).probability
            items.append({"name": name, "level": level, "chance": chance})
            heard.append(ranked[round(quantile * (N_TRIES - 1))])
    about = {
        "recording": str(shown[0]),
        "partner": str(partner[0]),
        "sample_rate": spec.sample_rate,
    }
    _write(folder, about, items, heard)


def augmentations() -> list[str]:
    """List the augmentations by their names in a recipe, in their order."""
    config = AugmentConfig()
    return [n for n in AugmentConfig.model_fields if hasattr(getattr(config, n), "probability")]


def _alone(config: AugmentConfig, name: str) -> AugmentConfig | None:
    """Switch one augmentation on and all others off; None: the recipe does not say what it needs."""
    parts: dict[str, Any] = {
        other: getattr(config, other).model_copy(update={"probability": float(other == name)})
        for other in augmentations()
    }
    if name == "background" and config.background.folder is None:
        return None
    update = {"enabled": True, "waveform_probability": 1.0, "mix_group": 2, **parts}
    return config.model_copy(update=update)


def _tries(config: AugmentConfig, pair: Floats, spec: MelSpec, seed: int) -> list[_Heard]:
    """Augment the first of two clips several times."""
    import torch

    from oscine.augment.augmenter import Augmenter
    from oscine.augment.background import load_background
    from oscine.augment.draws import Draws
    from oscine.features.mel_torch import LogMel

    background = None
    if config.background.probability:
        background = load_background([], config.background, spec.sample_rate, spec.n_samples)
    augmenter, log_mel = Augmenter(config, spec.sample_rate, background), LogMel(spec)
    heard = []
    for epoch in range(N_TRIES):
        draws = Draws(seed, epoch, (0, 1), torch.device("cpu"))
        waveforms, targets = augmenter.on_waveforms(torch.from_numpy(pair), torch.eye(2), draws)
        images, _ = augmenter.on_images(log_mel(waveforms), targets, draws)
        heard.append(_Heard(waveforms[0].numpy().copy(), images[0].numpy().copy()))
    return heard


def _look(pair: Floats, spec: MelSpec) -> _Heard:
    from oscine.features import LogMel

    return _Heard(pair[0], LogMel(spec)(pair[:1])[0])


def _two(
    recipe: Recipe, given: Sequence[Path], spec: MelSpec
) -> tuple[tuple[Path, Floats], tuple[Path, Floats]]:
    """Read the recording shown and its partner."""
    found = [(path, _window(path, spec)) for path in given[:2]]
    labels: set[str] = set()
    for config in sorted(recipe.catalogs, key=lambda catalog: catalog.role != "target"):
        if len(found) == 2:
            break
        table = read_catalog(config).sort("rating", "recording_id", descending=[True, False])
        for path, label in table.select("filepath", "primary_label").head(CANDIDATES).iter_rows():
            if len(found) < 2 and label not in labels and Path(path) not in given:
                try:
                    found.append((Path(path), _window(Path(path), spec)))
                except AudioError:
                    continue
                labels.add(label)
    if len(found) < 2:
        raise ConfigError(
            "no two recordings of two species can be read",
            where="catalogs",
            fix="give two recordings with --recording",
        )
    return found[0], found[1]


def _window(path: Path, spec: MelSpec) -> Floats:
    waveform = read(path, spec.sample_rate, duration_s=spec.window_s)
    return np.resize(waveform, spec.n_samples)


def _write(
    folder: Path, about: dict[str, Any], items: list[dict[str, Any]], heard: list[_Heard]
) -> None:
    with atomic_path(folder) as partial:
        partial.mkdir(parents=True)
        rate = int(about["sample_rate"])
        for place, each in enumerate(heard):
            soundfile.write(partial / f"{place:03d}.flac", np.clip(each.waveform, -1, 1), rate)
        save_file(
            {f"{place:03d}": each.image for place, each in enumerate(heard)},
            partial / "images.safetensors",
        )
        write_json(partial / "gallery.json", about | {"items": items})
