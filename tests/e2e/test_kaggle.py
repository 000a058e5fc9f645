"""`oscine kaggle pack`, and its notebook run without a network in an environment of its wheels."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import polars as pl
import pytest

from oscine.infer import ScoringConfig, load
from synthetic import make_bundle, make_recording, make_spec

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
RUN_CELLS = """
import json, sys
cells = [cell for cell in json.load(open(sys.argv[1]))["cells"] if cell["cell_type"] == "code"]
space = {"__name__": "__main__"}
for cell in cells:
    exec(compile("".join(cell["source"]), cell["id"], "exec"), space)
    if cell["id"] == "settings":
        space |= {"INPUT": space["Path"](sys.argv[2]), "WORKING": space["Path"](sys.argv[3])}
"""


def has_namespaces() -> bool:
    command = ["unshare", "--map-root-user", "--net", "true"]
    return shutil.which("unshare") is not None and not subprocess.call(command)


def without_network() -> tuple[list[str], dict[str, str]]:
    """What stands before a command, and its environment, so that it reaches nobody."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    front = ["unshare", "--map-root-user", "--net"] if has_namespaces() else []
    return front, {**kept, **nowhere, "PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0"}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder of two bundles, for the Python that runs here."""
    folder = tmp_path_factory.mktemp("kaggle")
    spec = make_spec(window_s=5.0)
    for index in range(2):
        make_bundle(folder / "bundle" / f"fold-{index}", spec=spec, seed=index)
    command = [
        *(sys.executable, "-c", "from oscine.cli.main import main; main()", "kaggle", "pack"),
        *("bundle/fold-0", "bundle/fold-1", "--out", "pack", "--minutes", "5"),
        *("--dataset", "someone/birds-packed", "--competition", "birdclef-2026"),
        *("--python", f"{sys.version_info.major}.{sys.version_info.minor}"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if "could not fetch the wheels" in done.stderr:
        pytest.skip(f"NO PACKAGE INDEX REACHED: the notebook was not run. {done.stderr}")
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stdout, encoding="utf-8")
    return folder / "pack"


def compete(folder: Path, packed: Path, names: list[str], rows: list[str]) -> Path:
    """Lay out inputs as Kaggle does: the dataset, and a competition with these soundscapes."""
    folder.mkdir()
    (folder / "birds-packed").symlink_to(packed)
    competition = folder / "birdclef-2026"
    (competition / "test_soundscapes").mkdir(parents=True)
    for index, name in enumerate(names):
        make_recording(competition / name, 10.0, seed=index)
    lines = ["row_id,spec2,unknown,spec0", *(f"{row},0.1,0.1,0.1" for row in rows)]
    (competition / "sample_submission.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def run_notebook(python: Path, packed: Path, inputs: Path, working: Path) -> str:
    working.mkdir()
    script = working.parent / "run_cells.py"
    script.write_text(RUN_CELLS, encoding="utf-8")
    front, environment = without_network()
    notebook = packed / "notebook" / "submission.ipynb"
    done = subprocess.run(
        [*front, python, script, notebook, inputs, working],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a bare environment: what the notebook needs comes from the wheels."""
    folder = tmp_path_factory.mktemp("bare") / "env"
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def test_the_pack_says_what_is_in_it(packed: Path) -> None:
    contents = json.loads((packed / "oscine-pack.json").read_text(encoding="utf-8"))
    wheels = {path.name: path.stat().st_size for path in (packed / "wheels").iterdir()}
    assert {wheel["name"]: wheel["bytes"] for wheel in contents["wheels"]} == wheels
    assert {"oscine", "onnxruntime", "numpy", "polars"} <= {name.split("-")[0] for name in wheels}
    assert not [name for name in wheels if name.startswith(("torch", "timm", "lightning"))]
    assert sum(wheels.values()) < 250e6
    assert contents["bundles"] == ["0-fold-0", "1-fold-1"]
    said = (packed.parent / "said.txt").read_text(encoding="utf-8")
    assert all(wheel["sha256"] in said for wheel in contents["wheels"])
    dataset = json.loads((packed / "dataset-metadata.json").read_text(encoding="utf-8"))
    assert dataset["id"] == "someone/birds-packed"
    kernel = json.loads((packed / "notebook" / "kernel-metadata.json").read_text(encoding="utf-8"))
    assert kernel["enable_internet"] is False
    assert kernel["dataset_sources"] == ["someone/birds-packed"]
    nbformat.validate(nbformat.read(packed / "notebook" / "submission.ipynb", as_version=4))


def test_the_notebook_scores_hidden_soundscapes_without_a_network(
    packed: Path, python: Path, tmp_path: Path
) -> None:
    names = ["test_soundscapes/BC2026_Test_0001.ogg", "test_soundscapes/BC2026_Test_0002.ogg"]
    ids = [f"BC2026_Test_000{index}_{end}" for index in (2, 1, 3) for end in (5, 10)]
    inputs = compete(tmp_path / "input", packed, names, ids)
    said = run_notebook(python, packed, inputs, tmp_path / "working")
    assert "2 recordings, 2 bundles" in said
    settings = json.loads((tmp_path / "working" / "settings.json").read_text(encoding="utf-8"))
    assert 0.0 < settings["settings"]["deadline_s"] < 300.0  # of the five minutes
    rows = pl.read_csv(tmp_path / "working" / "submission.csv")
    assert rows.columns == ["row_id", "spec2", "unknown", "spec0"]
    assert rows["row_id"].to_list() == ids
    assert set(rows["unknown"]) == {0.0}
    assert rows["spec0"][:4].n_unique() == 4
    assert rows["spec0"][4] == pytest.approx(rows["spec0"][:4].mean(), abs=1e-6)
    # The notebook smooths; the scores are those that this environment gives.
    recogniser = load(*sorted((packed / "bundles").iterdir()))
    smoothing = ScoringConfig(smoothing=(0.1, 0.2, 0.4, 0.2, 0.1))
    scores = recogniser.scan_scores(inputs / "birdclef-2026" / names[1], smoothing)
    assert rows["spec0"][:2].to_list() == pytest.approx(scores["spec0"].to_list(), abs=1e-6)


def test_the_notebook_shows_that_it_runs_where_the_test_is_hidden(
    packed: Path, python: Path, tmp_path: Path
) -> None:
    names = [f"train_soundscapes/site_{index}.ogg" for index in range(6)]
    inputs = compete(tmp_path / "input", packed, names, ["hidden_5", "hidden_10"])
    said = run_notebook(python, packed, inputs, tmp_path / "working")
    assert "the test soundscapes are hidden" in said
    rows = pl.read_csv(tmp_path / "working" / "submission.csv")
    expected = [f"site_{index}_{end}" for index in range(4) for end in (5, 10)]
    assert rows["row_id"].to_list() == expected
