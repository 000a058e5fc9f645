from __future__ import annotations

import json


def test_the_doctor_says_a_line_for_each_thing_and_counts(oscine, tiny_run, tmp_path):
    said = oscine(
        "doctor", tiny_run.recipe_file, tiny_run.cache_override, "--out", tmp_path / "new"
    )
    assert said.status == 0
    *lines, last = said.out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "warning"}
    assert "decoders: wav, flac, ogg, mp3, m4a decode" in said.out
    assert last.endswith(" 0 problems")


def test_what_would_stop_the_run_is_said_with_what_to_do_and_the_status_is_1(oscine, tiny_run):
    said = oscine("doctor", tiny_run.recipe_file, "finetune.epoch=3")
    assert said.status == 1
    assert any(line.startswith("problem  recipe: bad settings") for line in said.out.splitlines())


def test_what_to_do_is_said(oscine, tiny_run, tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    said = oscine("doctor", tiny_run.recipe_file, tiny_run.cache_override, "--out", tmp_path)
    assert said.status == 1
    assert "; to do: choose another" in said.out


def test_the_doctor_needs_no_recipe(oscine):
    said = oscine("doctor")
    assert said.status == 0
    assert "recipe:" not in said.out


def test_the_doctor_as_json_is_a_list(oscine):
    told = json.loads(oscine("doctor", "--json").out)
    assert {"topic", "level", "what", "fix"} == told[0].keys()
    assert {one["level"] for one in told} <= {"ok", "warning", "problem"}
