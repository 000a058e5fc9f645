"""The clips that a run keeps of those recognised worst and best, as blocks of the page."""

from __future__ import annotations

from functools import partial
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from oscine.audio.decode import read
from oscine.core import REDO, ArtifactError
from oscine.features import MelSpec
from oscine.report.blocks import Clip, Plot
from oscine.report.clips import SAMPLE_RATE, audio_address
from oscine.report.figures.grad_cam import draw_grad_cam
from oscine.report.run import Run

Pictures = dict[str, NDArray[Any]]


def example_clips(run: Run, kind: str) -> list[Clip] | None:
    """Show the clips of a kind, in the order in which they were chosen.

    Args:
        run: The run.
        kind: worst or best.

    Returns:
        The clips; None where the run keeps none of either kind.

    Raises:
        ArtifactError: What is kept of them is damaged.
    """
    table = run.table("examples/examples.parquet")
    if table is None:
        return None
    pictures = _pictures(run)
    spec = MelSpec(**run.json("examples/front_end.json"))
    return [
        _clip(run, row, pictures, spec) for row in table.filter(kind=kind).iter_rows(named=True)
    ]


def _pictures(run: Run) -> Pictures:
    path = run.path / "examples/pictures.safetensors"
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ArtifactError("damaged artifact", where=path, fix=REDO) from error


def _clip(run: Run, row: dict[str, Any], pictures: Pictures, spec: MelSpec) -> Clip:
    example, names = row["example"], run.names()
    label, other = (names.get(row[key], row[key]) for key in ("primary_label", "predicted"))
    where = f"{row['filename']} from {row['start_s']:.1f} s · fold {row['fold']}"
    if row["kind"] == "worst":
        said = f"heard as {other} ({row['wrong']:.2f}), the label itself {row['right']:.2f}"
        titles = {"predicted": f"for {other}", "label": f"for {label}"}
    else:
        said = f"heard as it is labelled ({row['right']:.2f}), then {other} ({row['wrong']:.2f})"
        titles = {"label": f"for {label}"}
    maps = {title: pictures[f"{example}/{key}"] for key, title in titles.items()}
    draw = partial(draw_grad_cam, pictures[f"{example}/image"], maps, spec)
    sound = read(run.path / f"examples/sounds/{example}.flac", SAMPLE_RATE)
    plot = Plot(f"{row['kind']}-{int(example) + 1}", "", draw)
    return Clip(label, f"{said} · {where}", plot, audio_address(sound, SAMPLE_RATE))
