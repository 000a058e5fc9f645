"""The folder: whole or absent, the same bytes every time, never over anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.audio.measure import measure
from oscine.core import ArtifactError, hash_file, read_json
from oscine.synth import chorus
from oscine.synth.chorus import PROVENANCE, SynthReport, render
from oscine.synth.config import SynthConfig, sized

SMALL = SynthConfig(
    seed=5,
    n_species_pretrain=2,
    n_species_target=2,
    n_species_shared=1,
    pretrain_most=4,
    pretrain_least=3,
    target_most=3,
    target_least=2,
    n_recordists=4,
    sample_rate=16_000,
    other_rates=0.0,
    duration_s=(3.0, 3.0),
    n_soundscapes=1,
    soundscape_s=5.0,
    soundscape_rate=8_000,
    n_overlap=1,
    n_duplicate_key=1,
    n_duplicate_bytes=1,
    n_conflicts=1,
    n_unreadable=1,
    n_silent=1,
)
FATAL = ("truncated", "empty", "unreadable", "non_finite")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SynthReport]:
    out = tmp_path_factory.mktemp("synth") / "chorus"
    return out, render(SMALL, out)


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hash_file(path) for path in files}


def test_two_renders_are_the_same_byte_for_byte(
    made: tuple[Path, SynthReport], tmp_path: Path
) -> None:
    assert render(SMALL, tmp_path / "again") == made[1]
    assert hashes(tmp_path / "again") == hashes(made[0])


def test_another_seed_sounds_different(made: tuple[Path, SynthReport], tmp_path: Path) -> None:
    render(SMALL.model_copy(update={"seed": 6}), tmp_path / "other")
    ours, theirs = hashes(made[0]), hashes(tmp_path / "other")
    shared = [path for path in ours.keys() & theirs.keys() if path.endswith("XC900001.ogg")]
    assert all(ours[path] != theirs[path] for path in shared)
    assert ours != theirs


def test_the_layout_is_that_of_birdclef(made: tuple[Path, SynthReport]) -> None:
    tables = {str(path.relative_to(made[0])) for path in made[0].rglob("*.csv")}
    assert tables == {
        "year_a/train_metadata.csv",
        "year_a/taxonomy.csv",
        "year_b/train_metadata.csv",
        "year_b/taxonomy.csv",
        "year_b/sample_submission.csv",
        "year_b/train_soundscapes_labels.csv",
        "year_b/annotations.csv",
    }
    assert len(list((made[0] / "year_b" / "train_soundscapes").glob("*.ogg"))) == 1


def test_decoding_finds_exactly_the_planted_defects(made: tuple[Path, SynthReport]) -> None:
    out, report = made
    planted = read_json(out / PROVENANCE)["planted"]
    said = {path: reason for reason in (*FATAL, "silent") for path in planted[reason]}
    files = [str(path.relative_to(out)) for path in sorted(out.glob("year_?/train_audio/*/*"))]
    measured = {path: measure(out / path) for path in files}
    found = {path: str(one.reason) for path, one in measured.items() if one.reason is not None}
    quiet = {path: "silent" for path, m in measured.items() if m.reason is None and m.peak < 1e-3}
    assert found | quiet == said
    assert report.n_defects == len(said)


def test_exactly_the_planted_files_are_equal_byte_for_byte(
    made: tuple[Path, SynthReport],
) -> None:
    out, _ = made
    planted = read_json(out / PROVENANCE)["planted"]
    groups: dict[str, set[str]] = {}
    for path, digest in hashes(out).items():
        groups.setdefault(digest, set()).add(path)
    twins = {frozenset(paths) for paths in groups.values() if len(paths) > 1}
    pairs = {frozenset(p) for p in (*planted["duplicate_bytes"], *planted["label_conflict"])}
    both_years = {frozenset(t) for t in twins if {path[:6] for path in t} == {"year_a", "year_b"}}
    assert twins - both_years == pairs
    assert {Path(path).stem for t in both_years for path in t} == set(planted["target_overlap"])


def test_a_finished_chorus_is_left_alone(
    made: tuple[Path, SynthReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chorus, "make_plan", None)
    assert render(SMALL, made[0]) == made[1]


def test_a_folder_with_anything_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ArtifactError, match="something else"):
        render(SMALL, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_chorus_of_other_settings_is_refused(made: tuple[Path, SynthReport]) -> None:
    with pytest.raises(ArtifactError, match="something else"):
        render(sized("tiny"), made[0])


def test_a_killed_render_goes_on_where_it_was(
    made: tuple[Path, SynthReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "chorus"
    made_before = chorus.entry_bytes
    calls = []

    def killed_after_five(config: SynthConfig, entry: object) -> bytes:
        calls.append(entry)
        if len(calls) > 5:
            raise KeyboardInterrupt
        return made_before(config, entry)  # type: ignore[arg-type]

    monkeypatch.setattr(chorus, "entry_bytes", killed_after_five)
    with pytest.raises(KeyboardInterrupt):
        render(SMALL, out)
    assert not out.exists()
    (staging,) = tmp_path.iterdir()
    kept = {path: path.stat().st_mtime_ns for path in staging.rglob("*.ogg")}
    assert kept
    monkeypatch.setattr(chorus, "entry_bytes", made_before)
    render(SMALL, out)
    assert hashes(out) == hashes(made[0])
    moved = {out / path.relative_to(staging): stamp for path, stamp in kept.items()}
    assert {path: path.stat().st_mtime_ns for path in moved} == moved
    assert [path.name for path in tmp_path.iterdir()] == ["chorus"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "chorus").mkdir()
    assert render(SMALL, tmp_path / "chorus").n_species == 3
