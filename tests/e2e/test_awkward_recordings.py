"""What field recorders and broken downloads leave: a scan goes through it, one finding a file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oscine.infer import ScanConfig, ScanResult, scan
from synthetic import make_bundle, make_recording, make_waveform


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle") / "b").path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A recording of three seconds in each format."""
    folder = tmp_path_factory.mktemp("whole")
    return {
        suffix: make_recording(folder / f"a.{suffix}", 3.0).read_bytes()
        for suffix in ("wav", "flac", "ogg", "mp3")
    }


def huge_header(content: bytes) -> bytes:
    """A wav whose header promises 4 GB."""
    place = content.index(b"data") + 4
    return content[:place] + struct.pack("<I", 0xFFFFFFF0) + content[place + 4 :]


def scanned(bundle: Path, folder: Path, **changes: object) -> ScanResult:
    return scan([bundle], [folder], ScanConfig(**changes), folder.parent / "out")


def test_each_awkward_file_costs_itself_alone(
    bundle: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "audio"
    good = make_recording(folder / "good.wav", 3.0)
    nan = make_waveform(3.0)
    nan[4000] = np.nan
    for name, waveform in {"one-value": np.ones(1), "nothing": np.empty(0), "nan": nan}.items():
        soundfile.write(folder / f"{name}.wav", waveform, 8000, subtype="FLOAT")
    contents = {
        "zero-bytes.ogg": b"",
        "zeros.flac": bytes(5000),
        "text.mp3": b"<html>404 Not Found</html>" * 40,
        "header-only.wav": whole["wav"][:44],
        "half-a-header.wav": whole["wav"][:20],
        "huge-header.wav": huge_header(whole["wav"]),
        "wrong-extension.mp3": whole["flac"],
        "cut.flac": whole["flac"][: len(whole["flac"]) // 2],
        "cut.ogg": whole["ogg"][: len(whole["ogg"]) // 2],
        "line\nbreak and ünïcödé 鳥.wav": whole["wav"],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.wav").mkdir()
    result = scanned(bundle, folder)
    scores, findings = result.scores().collect(), result.findings()
    reasons = {Path(path).name: why for path, why in findings.select("filepath", "reason").rows()}
    unread = {"zero-bytes.ogg", "zeros.flac", "text.mp3", "header-only.wav", "half-a-header.wav"}
    assert unread | {"nothing.wav", "nan.wav", "cut.flac", "huge-header.wav"} <= set(reasons)
    assert reasons["nan.wav"] == "non_finite"
    here = {Path(path).name for path in scores["filepath"].unique()}
    assert {"good.wav", "one-value.wav", "wrong-extension.mp3"} <= here
    assert "line\nbreak and ünïcödé 鳥.wav" in here
    assert len(findings) == len(reasons)  # one finding a file
    assert here | set(reasons) == {path.name for path in folder.iterdir() if path.is_file()}
    alone = scan([bundle], [good], ScanConfig(), tmp_path / "alone").scores().collect()
    assert scores.filter(pl.col("filepath") == str(good)).equals(alone)
    assert np.isfinite(scores.select("spec0", "spec1", "spec2").to_numpy()).all()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    suffix=st.sampled_from(["wav", "flac", "ogg", "mp3"]),
    extension=st.sampled_from(["wav", "flac", "ogg", "mp3", "m4a"]),
    keep=st.floats(0.0, 1.0),
    poison=st.lists(st.tuples(st.floats(0.0, 1.0), st.binary(min_size=1, max_size=8)), max_size=4),
)
def test_bytes_at_random_never_crash_a_scan(  # noqa: PLR0917 - fixtures and draws
    bundle: Path,
    whole: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    extension: str,
    keep: float,
    poison: list[tuple[float, bytes]],
) -> None:
    content = bytearray(whole[suffix])
    for where, change in poison:
        place = int(where * (len(content) - 1))
        content[place : place + len(change)] = change
    folder = tmp_path_factory.mktemp("fuzz") / "audio"
    folder.mkdir()
    (folder / f"a.{extension}").write_bytes(content[: int(keep * len(content))])
    result = scanned(bundle, folder, hop_s=0.5, shifts_s=(-0.25, 0.25))
    scores = result.scores().collect()
    assert len(result.findings()) <= 1
    assert len(scores) or len(result.findings())
    assert np.isfinite(scores.select("spec0", "spec1", "spec2").to_numpy()).all()


@pytest.mark.slow
def test_the_real_awkward_files_are_scanned(bundle: Path, real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "awkward"
    result = scan([bundle], [folder], ScanConfig(), tmp_path / "out")
    scores, findings = result.scores().collect(), result.findings()
    seen = set(scores["filepath"]) | set(findings["filepath"])
    assert seen == set(result.recordings)
    assert len(findings) == findings["filepath"].n_unique()
    assert len(scores)
