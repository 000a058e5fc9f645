from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from oscine.cli.main import app
from oscine.deploy import PackConfig, Packed


def test_what_is_packed_is_listed_with_size_and_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def pack(bundles: list[Path], out: Path, config: PackConfig) -> Packed:
        asked.append((bundles, out, config))
        wheel = {"name": "a-1-py3-none-any.whl", "bytes": 2_500_000, "sha256": "ab" * 32}
        return Packed(out, (wheel,), 3_000_000)

    monkeypatch.setattr("oscine.deploy.pack", pack)
    options = ["--out", "x", "--dataset", "me/my-pack", "--python", "3.12", "--minutes", "100"]
    done = CliRunner().invoke(app, ["kaggle", "pack", "b0", "b1", *options])
    assert done.exit_code == 0, done.output
    assert f"    2.50 MB  {'ab' * 32}  a-1-py3-none-any.whl" in done.output
    assert "3.00 MB  x: 1 wheels, 2 bundles, notebook/submission.ipynb" in done.output
    (bundles, out, config) = asked[0]
    assert (bundles, out) == ([Path("b0"), Path("b1")], Path("x"))
    assert config == PackConfig(dataset="me/my-pack", python="3.12", minutes=100.0)
