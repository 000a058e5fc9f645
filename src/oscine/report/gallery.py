"""The page of the gallery of augmentations: a recording as it was, and after each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from oscine.audio.decode import read
from oscine.core import ArtifactError, name_of, read_json, write_text
from oscine.report.blocks import Clip, Plot, Section
from oscine.report.clips import LONGEST_S, SAMPLE_RATE, audio_address
from oscine.report.figures.style import blank
from oscine.report.page import Chapter, Heading, draw, fill

FOLDER = "gallery"
LOUDEST = 0.9

TITLES: Mapping[str, Mapping[str, str]] = {
    "Waveform": {
        "speed": "Speed: pitch and tempo together, as a tape does. Calls move up when faster.",
        "time_shift": "Time shift: the call stands elsewhere in the window.",
        "filter": "Filter: a low-pass as distance and leaves are, or a high-pass.",
        "reverb": "Reverb: echoes draw each call out in time.",
        "gain": "Gain: louder or softer. Scaling clip by clip takes it out of the image again; "
        "with fixed scaling or PCEN it stays.",
        "polarity": "Polarity: upside down. It can be neither seen nor heard; what it changes is "
        "how sounds add up when clips are mixed.",
    },
    "Mixing": {
        "mixup": "Mixup: two clips heard at once; the targets are mixed alike.",
        "cutmix": "CutMix: a stretch of time is another clip's; the targets follow the time that "
        "each fills.",
    },
    "Noise": {
        "background": "Background: another recording behind the clip.",
        "colored_noise": "Coloured noise: wind and rain have more power at low frequencies.",
        "noise": "Noise: white and Gaussian, as a recorder's own.",
    },
    "Image": {
        "band_shift": "Band shift: the image moves along frequency.",
        "frequency_masks": "Frequency masks: mel bands are covered.",
        "time_masks": "Time masks: frames are covered.",
    },
}
"""Chapters of the page, and what each augmentation is, with its title before the colon."""


@dataclass(frozen=True)
class _Stored:
    """What `oscine augment show` wrote."""

    folder: Path
    about: dict[str, Any]
    images: dict[str, NDArray[np.float32]]

    @property
    def limits(self) -> tuple[float, float]:
        """Values that are drawn darkest and brightest in all images: those of the recording."""
        low, high = np.percentile(self.images["000"], [1.0, 99.9])
        return float(low), float(max(high, low + 1e-6))


def build_gallery_page(folder: Path) -> Path:
    """Write `index.html` into a folder that holds a gallery.

    Args:
        folder: The gallery's folder, as `oscine augment show` filled it.

    Returns:
        Path of the page.

    Raises:
        ArtifactError: There is no gallery, or it is damaged.
    """
    about = read_json(folder / FOLDER / "gallery.json")
    try:
        images = load_file(folder / FOLDER / "images.safetensors")
    except (OSError, SafetensorError) as error:
        raise ArtifactError(
            "the gallery's images cannot be read", where=folder, fix="make the gallery again"
        ) from error
    stored = _Stored(folder / FOLDER, about, images)
    items = {item["name"]: item for item in about["items"]}
    chapters = [Chapter("As recorded", [_recorded(stored)])]
    chapters += [
        Chapter(title, [_section(stored, items[name], text) for name, text in texts.items()])
        for title, texts in TITLES.items()
    ]
    heading = Heading(
        kind="gallery of augmentations",
        name=about["name"],
        comment=_named(about["recording"]),
        facts=_facts(about),
        origin="a recipe and two recordings",
        parts="sounds and images",
        files=FOLDER,
    )
    page = folder / "index.html"
    write_text(page, fill(heading, chapters, draw(chapters)))
    return page


def _facts(about: dict[str, Any]) -> list[tuple[str, str]]:
    used = sum(item["chance"] > 0 for item in about["items"])
    return [
        ("partner in mixing", _named(about["partner"])),
        ("window", f"{about['window_s']:g} s"),
        ("sample rate", f"{about['sample_rate']:,} Hz"),
        ("scaling", about["scaling"]),
        ("in use", f"{used} of {len(about['items'])}"),
    ]


def _named(path: str) -> str:
    """Name a recording by its folder too: many are called 1.mp3."""
    return f"{name_of(path.rpartition('/')[0])}/{name_of(path)}"


def _recorded(stored: _Stored) -> Section:
    text = [
        "Each augmentation alone, on the start of this recording: where it changes the clip "
        "little, middling and much, of forty draws. The images are what the model sees; the "
        "sounds are all at one scale, so that what is louder here is louder in training.",
    ]
    clips = [
        _clip(stored, key, title)
        for key, title in (("000", "As recorded"), ("001", "The partner in mixing"))
    ]
    return Section("recorded", "As recorded", text, clips)


def _section(stored: _Stored, item: dict[str, Any], text: str) -> Section:
    title, _, about = text.partition(": ")
    levels = [
        _clip(stored, clip["key"], f"{title}, {clip['level']}" if clip["level"] else title)
        for clip in item["clips"]
    ]
    texts = [about[:1].upper() + about[1:], _chance(stored.about, item)]
    if levels and not any(clip.audio for clip in levels):
        texts.append("It changes the image alone: the sound stays as recorded.")
    return Section(item["name"].replace("_", "-"), title, texts, levels, absent=item["absent"])


def _chance(about: dict[str, Any], item: dict[str, Any]) -> str:
    """Say whether a recipe uses an augmentation, for how many clips, and with which settings."""
    given = {name: value for name, value in item["settings"].items() if value is not None}
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in given.items())
    if not about["enabled"]:
        used = "Switched off in this recipe, as all augmentation is"
    elif item["chance"] == 0.0:
        used = "Switched off in this recipe"
    else:
        used = f"In this recipe for {100 * item['chance']:.3g} % of the clips"
        if item["chance"] != item["probability"]:
            used += f" (probability {item['probability']:g}, of those considered at all)"
    return f"{used}. {settings}." if settings else f"{used}."


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return " or ".join(map(_plain, value))
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _clip(stored: _Stored, key: str, title: str) -> Clip:
    sound = stored.folder / f"{key}.flac"
    address = ""
    if sound.exists():
        waveform = read(sound, SAMPLE_RATE, duration_s=LONGEST_S)
        # The files are at one scale: each is written as loud as it is.
        address = audio_address(waveform, SAMPLE_RATE, peak=LOUDEST)
    show = partial(draw_image, stored.images[key], stored.limits, stored.about["window_s"])
    return Clip(title, "", Plot(f"image-{key}", "", show), address)


def draw_image(
    image: NDArray[np.float32], limits: tuple[float, float], window_s: float, width_in: float
) -> Figure:
    """Draw what the model sees, low frequencies at the bottom.

    Args:
        image: One channel, [height, width].
        limits: Values that are drawn darkest and brightest.
        window_s: Length of the window, s.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 1.9)
    axes.imshow(
        image,
        origin="lower",
        aspect="auto",
        extent=(0.0, window_s, 0.0, float(len(image))),
        cmap="magma",
        vmin=limits[0],
        vmax=limits[1],
        interpolation="nearest",
    )
    axes.set_xlabel("time, s")
    axes.set_ylabel("mel band")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
