from __future__ import annotations

import json
from pathlib import Path

import pytest

from oscine.config import parse
from oscine.core import BundleError, ConfigError, PackError
from oscine.deploy import PackConfig, pack
from synthetic import BUNDLE_FILES, make_bundle


@pytest.fixture(autouse=True)
def wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wheels without a network; tests/e2e/test_kaggle.py fetches real ones."""

    def fetch(folder: Path, python: str, machine: str) -> list[Path]:
        folder.mkdir(parents=True)
        (folder / f"a-{python}-{machine}.whl").write_bytes(b"wheel")
        return list(folder.iterdir())

    monkeypatch.setattr("oscine.deploy.packing.fetch_wheels", fetch)


@pytest.fixture
def bundles(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "run a" / "fold-0", tmp_path / "run b" / "fold-0"]
    return [make_bundle(folder, seed=seed).path for seed, folder in enumerate(folders)]


def test_bundles_wheels_and_notebook_stand_in_one_folder(
    bundles: list[Path], tmp_path: Path
) -> None:
    packed = pack(bundles, tmp_path / "out", PackConfig(competition="birdclef-2026"))
    files = {path.relative_to(packed.folder).as_posix() for path in packed.folder.rglob("*.*")}
    copied = {f"bundles/{place}-fold-0/{name}" for place in range(2) for name in BUNDLE_FILES}
    assert files == copied | {
        "dataset-metadata.json",
        "notebook/kernel-metadata.json",
        "notebook/submission.ipynb",
        "oscine-pack.json",
        "wheels/a-3.11-x86_64.whl",
    }
    sizes = [path.stat().st_size for path in packed.folder.rglob("*") if path.is_file()]
    assert packed.n_bytes == sum(sizes)
    kernel = json.loads((packed.folder / "notebook" / "kernel-metadata.json").read_text())
    assert kernel["competition_sources"] == ["birdclef-2026"]
    dataset = json.loads((packed.folder / "dataset-metadata.json").read_text())
    assert kernel["dataset_sources"] == [dataset["id"]]
    assert 6 <= len(dataset["title"]) <= 50


def test_an_earlier_pack_is_replaced_and_another_folder_is_not(
    bundles: list[Path], tmp_path: Path
) -> None:
    pack(bundles, tmp_path / "out", PackConfig())
    pack(bundles[:1], tmp_path / "out", PackConfig())
    assert len(list((tmp_path / "out" / "bundles").iterdir())) == 1
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(PackError, match="no pack of oscine's"):
        pack(bundles, tmp_path / "mine", PackConfig())
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_a_damaged_bundle_is_not_packed(bundles: list[Path], tmp_path: Path) -> None:
    (bundles[1] / "model.onnx").write_bytes(b"no model")
    with pytest.raises(BundleError, match="damaged model"):
        pack(bundles, tmp_path / "out", PackConfig())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "settings",
    [{"dataset": "no-user"}, {"dataset": "me/Big"}, {"python": "2.7"}, {"minutes": 0.0}],
    ids=str,
)
def test_settings_that_kaggle_would_refuse_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        parse(PackConfig, settings)
