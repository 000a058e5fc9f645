"""The gallery's page, from stored files alone."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import soundfile
from safetensors.numpy import save_file

from oscine.augment import AugmentConfig
from oscine.core import ArtifactError, write_json
from oscine.report import build_gallery_page
from oscine.report.gallery import TITLES
from unit.report.test_page import Page

NAMES = [n for texts in TITLES.values() for n in texts]


def key(name):
    return f"{NAMES.index(name) + 2:03d}"


def item(name):
    return {
        "name": name,
        "probability": 0.5,
        "chance": 0.0 if name == "gain" else 0.25,
        "settings": {"min_db": -3.0, "on": "waveform", "folder": None},
        "absent": "Not shown: no folder." if name == "background" else "",
        "clips": [] if name == "background" else [{"key": key(name), "level": "low"}],
    }


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "gallery"
    inside.mkdir()
    image = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    save_file({f"{i:03d}": image for i in range(len(NAMES) + 2)}, inside / "images.safetensors")
    for each in ("000", *map(key, NAMES)):
        soundfile.write(inside / f"{each}.flac", np.full(8000, 0.1), 8000)
    about = {"name": "trial", "recording": "a/1.mp3", "partner": "b/2.mp3", "sample_rate": 8000}
    about |= {"window_s": 1.0, "scaling": "minmax", "enabled": True}
    write_json(inside / "gallery.json", about | {"items": [item(name) for name in NAMES]})
    return tmp_path


@pytest.fixture
def text(folder):
    return build_gallery_page(folder).read_text(encoding="utf-8")


def test_the_page_names_every_augmentation_that_there_is():
    config = AugmentConfig()
    parts = [n for n in AugmentConfig.model_fields if hasattr(getattr(config, n), "probability")]
    assert sorted(NAMES) == sorted(parts)


def test_each_augmentation_has_a_section_of_its_own(text):
    ids = Page(text).ids
    assert {name.replace("_", "-") for name in NAMES} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_page_needs_no_other_file(text):
    assert all(address.startswith(("data:", "#")) for address in Page(text).addresses)


def test_sounds_can_be_played(text):
    assert text.count("<audio controls") == len(NAMES)  # one each but background; and the recording


def test_it_says_whether_the_recipe_uses_an_augmentation_and_how_often(text):
    assert "In this recipe for 25 % of the clips" in text
    assert "Switched off in this recipe. min_db -3, on waveform." in text


def test_it_says_why_one_is_not_shown(text):
    assert "Not shown: no folder." in text


def test_without_a_gallery_there_is_no_page(tmp_path):
    with pytest.raises(ArtifactError):
        build_gallery_page(tmp_path)


def test_damaged_images_are_an_error_that_says_so(folder):
    (folder / "gallery" / "images.safetensors").write_bytes(b"x")
    with pytest.raises(ArtifactError, match="images cannot be read"):
        build_gallery_page(folder)


def test_the_page_is_drawn_without_torch(folder):
    code = (
        "import sys, pathlib; from oscine.report import build_gallery_page\n"
        "build_gallery_page(pathlib.Path(sys.argv[1])); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
