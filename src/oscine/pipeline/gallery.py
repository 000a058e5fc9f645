"""The gallery of a recipe's augmentations: what each does to one real recording, as files.

An augmentation is asked for `N_TRIES` clips in a row; those that change the clip little, middling
and much are kept. So the gallery needs to know nothing of any augmentation's parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import soundfile
from numpy.typing import NDArray
from safetensors.numpy import save_file

from oscine.audio import read
from oscine.augment import AugmentConfig
from oscine.catalog import read_catalog
from oscine.core import AudioError, ConfigError, Location, Reason, atomic_path, location, write_json
from oscine.features import MelSpec, resolve
from oscine.pipeline.recipe import Recipe

Floats = NDArray[np.float32]

GALLERY = "gallery"
"""Subfolder of what is seen and heard; the page stands beside it."""

N_TRIES = 40
"""Draws of each augmentation that are looked at."""

LEVELS = {"low": 0.1, "middle": 0.5, "high": 0.9}
"""Which of the draws are shown: quantiles of how much they change the clip."""

CANDIDATES = 40
"""Recordings of a catalog that are tried until two can be read."""

SEEN = 0.01
"""A mean change of the image, in its own spread, that can be seen."""

LOUDEST = 0.9
"""Peak of the loudest of all sounds; all are turned down by the same factor."""


@dataclass(frozen=True)
class _Clip:
    """A clip as it is seen and heard."""

    waveform: Floats
    image: Floats


@dataclass(frozen=True)
class _Source:
    """A recording, and its first window."""

    path: Location
    waveform: Floats


def make_gallery(recipe: Recipe, recordings: Sequence[Location], folder: Path) -> None:
    """Augment a recording in every way that there is, and write what is seen and heard.

    Args:
        recipe: Its audio, features and fine-tuning augmentations are used.
        recordings: The recording shown, and a partner for mixing; what lacks is taken from the
            recipe's catalogs.
        folder: Gets `gallery/` with gallery.json, images.safetensors and a flac file a sound.

    Raises:
        AudioError: A given recording cannot be read.
        ConfigError: No two recordings can be read, or the folder holds something else.
    """
    _refuse_others(folder)
    spec = resolve(recipe.features, recipe.audio.sample_rate, recipe.audio.window_s)
    shown, partner = _two(recipe, recordings, spec)
    pair = np.stack([shown.waveform, partner.waveform])
    clips = _unchanged(pair, spec)
    items = []
    for name in augmentations():
        absent = _absence(recipe, name)
        found = [] if absent else _levels(recipe, name, pair, clips[0], spec)
        if not absent and not found:
            absent = "With the recipe's settings it changes nothing."
        items.append(_described(recipe.finetune.augment, name, absent, found, len(clips)))
        clips += [clip for _, clip in found]
    about = {
        "name": recipe.name,
        "recording": str(shown.path),
        "partner": str(partner.path),
        "sample_rate": spec.sample_rate,
        "window_s": spec.window_s,
        "scaling": spec.scaling,
        "enabled": recipe.finetune.augment.enabled,
        "items": items,
    }
    _write(folder / GALLERY, about, clips)


def augmentations() -> list[str]:
    """List the augmentations by their names in a recipe, in their order."""
    config = AugmentConfig()
    return [n for n in AugmentConfig.model_fields if hasattr(getattr(config, n), "probability")]


def on_waveform(config: AugmentConfig, name: str) -> bool:
    """Tell whether an augmentation comes before the front end."""
    return getattr(config, name).__dict__.get("on", "waveform") == "waveform" and name not in {
        "band_shift",
        "frequency_masks",
        "time_masks",
    }


def _refuse_others(folder: Path) -> None:
    ours = not folder.exists() or (folder / GALLERY / "gallery.json").is_file()
    if not ours and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            "there is something else than a gallery", where=folder, fix="give another --out"
        )


def _absence(recipe: Recipe, name: str) -> str:
    """Say what an augmentation lacks to be shown; empty where it lacks nothing."""
    config = recipe.finetune.augment.background
    if name == "background" and config.folder is None and not _labelled(recipe):
        return (
            "Not shown: the recipe names no folder of background recordings, nor a label that its "
            "catalogs have. Set finetune.augment.background.folder."
        )
    return ""


def _labelled(recipe: Recipe) -> list[Location]:
    """Find the recordings that serve as background by their label."""
    label = recipe.finetune.augment.background.label
    if label is None:
        return []
    texts = [
        text
        for catalog in recipe.catalogs
        for text in read_catalog(catalog).filter(primary_label=label)["filepath"]
    ]
    return [location(text) for text in texts[:CANDIDATES]]


def _described(
    config: AugmentConfig, name: str, absent: str, found: Sequence[tuple[str, _Clip]], first: int
) -> dict[str, Any]:
    part = getattr(config, name)
    gate = config.waveform_probability if on_waveform(config, name) else 1.0
    return {
        "name": name,
        "probability": part.probability,
        "chance": part.probability * gate * config.enabled,
        "settings": part.model_dump(mode="json", exclude={"probability"}),
        "absent": absent,
        "clips": [
            {"key": _key(first + place), "level": level} for place, (level, _) in enumerate(found)
        ],
    }


def _unchanged(pair: Floats, spec: MelSpec) -> list[_Clip]:
    import torch

    from oscine.features.mel_torch import LogMel

    # By the same twin as after augmentation, so that what is left alone is equal to the bit.
    images = LogMel(spec)(torch.from_numpy(pair)).numpy()
    return [_Clip(waveform, image) for waveform, image in zip(pair, images, strict=True)]


def _levels(
    recipe: Recipe, name: str, pair: Floats, before: _Clip, spec: MelSpec
) -> list[tuple[str, _Clip]]:
    """Choose what shows an augmentation at each level; what it does always alike is shown once."""
    tries = [(_change(before, clip), clip) for clip in _tries(recipe, name, pair, spec)]
    measure = int(max(change[0] for change, _ in tries) < SEEN)
    changed = sorted(
        [(change[measure], clip) for change, clip in tries if any(change)], key=lambda one: one[0]
    )
    if not changed:
        return []
    if changed[0][0] == changed[-1][0]:
        return [("", changed[0][1])]
    last = len(changed) - 1
    return [(level, changed[round(share * last)][1]) for level, share in LEVELS.items()]


def _change(before: _Clip, after: _Clip) -> tuple[float, float]:
    """Measure how much the image and the waveform changed, in their own spread."""
    pairs = ((before.image, after.image), (before.waveform, after.waveform))
    image, waveform = (
        float(np.abs(one - other).mean() / max(float(one.std()), 1e-9)) for one, other in pairs
    )
    return image, waveform


def _tries(recipe: Recipe, name: str, pair: Floats, spec: MelSpec) -> Iterator[_Clip]:
    """Augment the first of two clips several times in one way alone."""
    import torch

    from oscine.augment.augmenter import Augmenter
    from oscine.augment.background import load_background
    from oscine.augment.draws import Draws
    from oscine.features.mel_torch import LogMel

    config = _alone(recipe.finetune.augment, name)
    background = None
    if name == "background":
        background = load_background(
            _labelled(recipe), config.background, spec.sample_rate, spec.n_samples
        )
    augmenter, log_mel = Augmenter(config, spec.sample_rate, background), LogMel(spec)
    for epoch in range(N_TRIES):
        draws = Draws(recipe.seed, epoch, (0, 1), torch.device("cpu"))
        waveforms, targets = augmenter.on_waveforms(torch.from_numpy(pair), torch.eye(2), draws)
        images, _ = augmenter.on_images(log_mel(waveforms), targets, draws)
        yield _Clip(waveforms[0].numpy().copy(), images[0].numpy().copy())


def _alone(config: AugmentConfig, name: str) -> AugmentConfig:
    """Switch one augmentation on and all others off."""
    parts: dict[str, Any] = {
        other: getattr(config, other).model_copy(update={"probability": float(other == name)})
        for other in augmentations()
    }
    update = {"enabled": True, "waveform_probability": 1.0, "mix_group": 2, **parts}
    return config.model_copy(update=update)


def _two(recipe: Recipe, given: Sequence[Location], spec: MelSpec) -> tuple[_Source, _Source]:
    """Read the recording shown and its partner."""
    found = [_window(path, spec) for path in given[:2]]
    for path in _candidates(recipe) if len(found) < 2 else ():
        if str(path) in map(str, given):
            continue
        try:
            found.append(_window(path, spec))
        except AudioError:
            continue
        if len(found) == 2:
            break
    if len(found) < 2:
        raise ConfigError(
            "no two recordings can be read",
            where="catalogs",
            fix="give two recordings with --recording",
        )
    return found[0], found[1]


def _candidates(recipe: Recipe) -> Iterator[Location]:
    """Give recordings of the catalogs, the target's and the best rated first, one a species."""
    for config in sorted(recipe.catalogs, key=lambda catalog: catalog.role != "target"):
        table = (
            read_catalog(config)
            .sort(pl.col("rating"), "recording_id", descending=[True, False], nulls_last=True)
            .unique("primary_label", keep="first", maintain_order=True)
        )
        for text in table["filepath"].head(CANDIDATES):
            yield location(text)


def _window(path: Location, spec: MelSpec) -> _Source:
    waveform = read(path, spec.sample_rate, duration_s=spec.window_s)
    if not waveform.any():
        raise AudioError(
            "nothing can be heard",
            reason=Reason.SILENT if len(waveform) else Reason.EMPTY,
            where=path,
            fix="choose another recording",
        )
    return _Source(path, np.resize(waveform, spec.n_samples))


def _key(place: int) -> str:
    return f"{place:03d}"


def _write(folder: Path, about: dict[str, Any], clips: Sequence[_Clip]) -> None:
    peak = max(float(np.abs(clip.waveform).max()) for clip in clips)
    scale = np.float32(LOUDEST / peak)
    with atomic_path(folder) as partial:
        partial.mkdir()
        for place, clip in enumerate(clips):
            path = partial / f"{_key(place)}.flac"
            if place == 0 or not np.array_equal(clip.waveform, clips[0].waveform):
                soundfile.write(path, clip.waveform * scale, int(about["sample_rate"]))
        # The first channel is what is seen; others are its copies or its derivatives.
        images = {_key(place): clip.image[0].copy() for place, clip in enumerate(clips)}
        save_file(images, partial / "images.safetensors")
        write_json(partial / "gallery.json", about)
