from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from oscine.core import read_json, write_json
from oscine.pipeline import Recipe
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage, execute, wanted

RECIPE = Recipe(catalogs=({"name": "a", "source": "folder", "path": "a", "role": "target"},))


class Killed(BaseException):
    """What ends a process in the middle of a stage."""


def toy(name, needs=(), settings=0, **more):
    """A stage that notes on disk, line by line, which settings it was run with."""

    def run(folder):
        place = folder.path / name
        place.mkdir(parents=True, exist_ok=True)
        with (place / "notes.txt").open("a") as stream:
            stream.write(f"{settings}\n")
        return {"settings": settings}

    return Stage(name, tuple(needs), name, settings, **{"run": run, **more})


def chain(**settings):
    """`a` below `b` below `c/fold-0` and `c/fold-1`, and `d` that only waits for `b`."""
    given = {"a": 0, "b": 0, "c": 0, "d": 0, **settings}
    return [
        toy("a", (), given["a"]),
        toy("b", ("a",), given["b"]),
        toy("c/fold-0", ("b",), given["c"]),
        toy("c/fold-1", ("b",), given["c"]),
        toy("d", ("a",), given["d"], after=("b",)),
    ]


@pytest.fixture
def opened(tmp_path):
    def make():
        folder = RunFolder(tmp_path / "run", RECIPE)
        folder.open(["run"])
        return folder

    return make


def statuses(rows):
    return {row["stage"]: row["status"] for row in rows}


def done(rows):
    return {row["stage"] for row in rows if row["status"] == "done"}


def fingerprints(folder, stages):
    for stage in stages:
        folder.fingerprints[stage.name] = stage.fingerprint(folder)
    return folder.fingerprints


def test_the_same_settings_have_the_same_fingerprint(opened):
    assert fingerprints(opened(), chain()) == fingerprints(opened(), chain())


@pytest.mark.parametrize(
    ("changed", "follow"),
    [
        ("a", {"a", "b", "c/fold-0", "c/fold-1", "d"}),
        ("b", {"b", "c/fold-0", "c/fold-1"}),
        ("c", {"c/fold-0", "c/fold-1"}),
        ("d", {"d"}),
    ],
)
def test_a_setting_changes_the_fingerprints_of_its_stage_and_of_what_needs_it(
    opened, changed, follow
):
    before = fingerprints(opened(), chain())
    after = fingerprints(opened(), chain(**{changed: 1}))
    assert {name for name in before if before[name] != after[name]} == follow


def test_files_outside_the_run_folder_are_part_of_the_fingerprint(opened):
    one, other = (toy("a", outside=lambda folder, size=size: size) for size in (1, 2))
    assert one.fingerprint(opened()) != other.fingerprint(opened())


def test_two_stages_with_equal_settings_differ(opened):
    assert toy("a").fingerprint(opened()) != toy("b").fingerprint(opened())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (None, ["a", "b", "c/fold-0", "c/fold-1", "d"]),
        (["a"], ["a"]),
        (["c"], ["a", "b", "c/fold-0", "c/fold-1"]),
        (["c/fold-1"], ["a", "b", "c/fold-1"]),
        (["d"], ["a", "b", "d"]),
        (["nonsense"], []),
    ],
)
def test_a_stage_is_wanted_with_all_that_it_needs_or_comes_after(names, expected):
    assert [stage.name for stage in wanted(chain(), names)] == expected


def test_finished_stages_are_skipped(opened):
    first = execute(chain(), opened())
    second = execute(chain(), opened())
    assert set(statuses(first).values()) == {"done"}
    assert set(statuses(second).values()) == {"skipped"}
    assert [row["fingerprint"] for row in first] == [row["fingerprint"] for row in second]


def test_a_changed_stage_is_done_again_with_only_what_depends_on_it(opened):
    execute(chain(), opened())
    assert done(execute(chain(c=1), opened())) == {"c/fold-0", "c/fold-1"}


def test_a_stage_that_lost_what_it_left_outside_is_done_again_and_nothing_else(opened):
    stages = chain()
    execute(stages, opened())
    stages[0] = replace(stages[0], intact=lambda folder: False)
    assert done(execute(stages, opened())) == {"a"}


def test_a_stage_of_another_run_is_missing_until_it_left_something(opened):
    stages = [*chain(), toy("e", ("c/fold-0", "c/fold-1"))]
    rows = execute(stages, opened(), elsewhere=["c/fold-1"])
    assert statuses(rows)["c/fold-1"] == "missing"
    assert statuses(rows)["e"] == "done"
    assert not (opened().path / "c/fold-1").exists()
    execute([stage for stage in stages if stage.name != "e"], opened())
    again = statuses(execute(stages, opened(), elsewhere=["c/fold-1"]))
    assert (again["c/fold-1"], again["e"]) == ("skipped", "done")


def test_what_lacks_a_stage_is_another_result_than_what_never_asked_for_it(opened):
    execute([toy("a"), toy("e", ("a",))], opened())
    rows = execute([toy("a"), toy("b"), toy("e", ("a", "b"))], opened(), elsewhere=["b"])
    assert statuses(rows) == {"a": "skipped", "b": "missing", "e": "done"}


def test_the_output_of_earlier_settings_is_moved_aside_and_kept(opened):
    execute([toy("a", settings=1)], opened())
    execute([toy("a", settings=2)], opened())
    folder = opened().path
    (old,) = (folder / "superseded").iterdir()
    assert (old / "notes.txt").read_text() == "1\n"
    assert (folder / "a" / "notes.txt").read_text() == "2\n"


def test_no_output_is_lost_however_often_settings_go_to_and_fro(opened):
    for settings in (1, 2, 1, 2, 1, 2):
        execute([toy("a", settings=settings)], opened())
    texts = [path.read_text() for path in (opened().path / "superseded").rglob("notes.txt")]
    assert sorted(texts) == ["1\n", "1\n", "1\n", "2\n", "2\n"]


def dying(name, settings=0):
    """A stage that leaves half of its output and is killed."""

    def run(folder):
        place = folder.path / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "half.txt").write_text(str(settings))
        raise Killed

    return toy(name, settings=settings, run=run)


def killed(folder, stage):
    with pytest.raises(Killed):
        execute([stage], folder)


def test_a_stage_that_was_killed_goes_on_with_what_it_left(opened):
    killed(opened(), dying("a"))
    (row,) = execute([toy("a")], opened())
    path = opened().path
    assert row["status"] == "done"
    assert (path / "a" / "half.txt").exists()
    assert not (path / "superseded").exists()
    assert not list((path / "stages").glob("*.begun"))


def test_a_killed_stage_whose_settings_change_starts_anew(opened):
    killed(opened(), dying("a", settings=1))
    execute([toy("a", settings=2)], opened())
    path = opened().path
    assert not (path / "a" / "half.txt").exists()
    assert len(list((path / "superseded").glob("a-*/half.txt"))) == 1


def test_settings_that_come_back_after_a_kill_do_not_pass_for_finished(opened):
    """Killed while settings 2 replaced settings 1: what lies there is no result of 1."""
    execute([toy("a", settings=1)], opened())
    killed(opened(), dying("a", settings=2))
    (row,) = execute([toy("a", settings=1)], opened())
    assert row["status"] == "done"
    assert not (opened().path / "a" / "half.txt").exists()


def test_a_stage_that_left_nothing_before_still_goes_on_after_a_kill(opened):
    """Such as a scan of nothing, to which paths are added: its record must not outlive that."""
    execute([toy("a", settings=1, run=lambda folder: {})], opened())
    killed(opened(), dying("a", settings=2))
    execute([toy("a", settings=2)], opened())
    assert (opened().path / "a" / "half.txt").exists()


def test_a_kill_between_moving_the_output_and_starting_anew_is_noticed(opened, monkeypatch):
    execute([toy("a", settings=1)], opened())
    folder = opened()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _die)  # the first that follows the move
        killed(folder, toy("a", settings=2))
    assert not (folder.path / "a").exists()
    assert statuses(execute([toy("a", settings=1)], opened())) == {"a": "done"}


def _die(*_, **__):
    raise Killed


def test_stages_before_the_one_that_failed_stay_done(opened):
    stages = chain()
    stages[2] = dying("c/fold-0")
    with pytest.raises(Killed):
        execute(stages, opened())
    assert done(execute(chain(), opened())) == {"c/fold-0", "c/fold-1", "d"}


def test_a_stage_leaves_a_record_of_its_own_and_a_row_in_run_json(opened):
    execute(chain(), opened())
    path = opened().path
    record = read_json(path / "stages" / "c-fold-0.json")
    assert record["facts"] == {"settings": 0}
    assert list(record) == [
        "stage", "fingerprint", "seconds", "status", "peak_memory_gib", "facts",
    ]  # fmt: skip
    assert [row["stage"] for row in read_json(path / "run.json")["stages"]] == [
        stage.name for stage in chain()
    ]


def test_another_version_of_oscine_makes_every_stage_stale(opened, monkeypatch):
    before = toy("a").fingerprint(opened())
    # By its name in full: `oscine.pipeline.plan` is the function too.
    monkeypatch.setattr(import_module("oscine.pipeline.plan"), "__version__", "99")
    assert toy("a").fingerprint(opened()) != before


def test_output_of_unknown_origin_is_moved_aside_too(opened):
    write_json(opened().path / "a" / "notes.json", "whose?")
    execute([toy("a")], opened())
    assert (opened().path / "superseded" / "a-unknown" / "notes.json").exists()
