"""`oscine kaggle pack`: bundles, wheels and a notebook in one folder, for a dataset on Kaggle.

Source: the documentation of Kaggle's API, "Dataset metadata" and "Kernel metadata".
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

import oscine
from oscine.config import Config
from oscine.core import PackError, atomic_path, write_json
from oscine.deploy.notebook import NOTEBOOK_FILE, write_notebook
from oscine.deploy.wheels import describe, fetch_wheels
from oscine.infer import open_ensemble

PACK_FILE = "oscine-pack.json"
"""What is in the pack: the notebook finds the dataset by it."""

_SLUG = re.compile(r"[\w-]+/[a-z0-9-]{6,50}")


def _dataset_id(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError("write USER/SLUG; a slug has 6 to 50 small letters, digits and hyphens")
    return text


class PackConfig(Config):
    """Settings of a pack."""

    dataset: Annotated[str, AfterValidator(_dataset_id)] = "INSERT_USERNAME_HERE/oscine-pack"
    """The dataset to be, as USER/SLUG."""
    competition: str | None = None
    """Slug of the competition that the notebook is for; null: it is added by hand."""
    python: str = Field(default="3.11", pattern=r"^3\.\d+$")
    """Version of Python that the wheels are for."""
    machine: Literal["x86_64", "aarch64"] = "x86_64"
    """Processor that the wheels are for; the system is Linux."""
    minutes: float = Field(default=85.0, gt=0.0)
    """How long the notebook may run, installing included, min: the scan's deadline follows."""


@dataclass(frozen=True)
class Packed:
    """What was packed.

    Args:
        folder: The dataset folder.
        wheels: Name, bytes and hash of each wheel.
        n_bytes: Size of all of it, bytes.
    """

    folder: Path
    wheels: tuple[dict[str, str | int], ...]
    n_bytes: int


def pack(bundles: Sequence[Path], out: Path, config: PackConfig) -> Packed:
    """Collect bundles, the wheels that run them, and a notebook into one folder.

    Args:
        bundles: Bundle folders; the notebook averages them.
        out: The folder to make. An earlier pack there is replaced when the new one is complete.
        config: Settings.

    Returns:
        What is in it.

    Raises:
        BundleError: A bundle is incomplete, or does not score as it was trained.
        ScanError: The bundles do not fit together.
        PackError: The folder holds something else, or the wheels cannot be had.
    """
    if out.exists() and not (out / PACK_FILE).is_file() and (out.is_file() or any(out.iterdir())):
        raise PackError("this is no pack of oscine's", where=out, fix="give another --out")
    open_ensemble(bundles)
    with atomic_path(out) as partial:
        wheels = describe(fetch_wheels(partial / "wheels", config.python, config.machine))
        names = _copy_bundles(bundles, partial / "bundles")
        write_json(partial / PACK_FILE, _manifest(config, wheels, names))
        write_json(partial / "dataset-metadata.json", _dataset(config))
        write_notebook(partial / "notebook" / NOTEBOOK_FILE, config.minutes)
        write_json(partial / "notebook" / "kernel-metadata.json", _kernel(config))
    n_bytes = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Packed(out, tuple(wheels), n_bytes)


def _copy_bundles(bundles: Sequence[Path], folder: Path) -> list[str]:
    """Copy bundles in their order, under names that say it."""
    names = []
    for place, bundle in enumerate(bundles):
        names.append(f"{place}-{re.sub(r'[^A-Za-z0-9._-]+', '-', bundle.resolve().name)}")
        shutil.copytree(bundle, folder / names[-1])
    return names


def _manifest(
    config: PackConfig, wheels: list[dict[str, str | int]], names: list[str]
) -> dict[str, Any]:
    return {
        "oscine": oscine.__version__,
        "python": config.python,
        "machine": config.machine,
        "bundles": names,
        "wheels": wheels,
    }


def _title(config: PackConfig) -> str:
    return config.dataset.partition("/")[2].replace("-", " ")


def _dataset(config: PackConfig) -> dict[str, Any]:
    # Recordings of many licences went into the bundles; their model cards list them.
    return {"title": _title(config), "id": config.dataset, "licenses": [{"name": "other"}]}


def _kernel(config: PackConfig) -> dict[str, Any]:
    title = f"{_title(config)[:39]} submission"
    return {
        "id": f"{config.dataset.partition('/')[0]}/{title.replace(' ', '-')}",
        "title": title,
        "code_file": NOTEBOOK_FILE,
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_gpu": False,
        "enable_internet": False,
        "dataset_sources": [config.dataset],
        "competition_sources": [config.competition] if config.competition else [],
    }
