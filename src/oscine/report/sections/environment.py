"""Sections on the run itself: environment, and how to run it again."""

from __future__ import annotations

import shlex
from typing import Any

from oscine.report.blocks import Block, Code, Section, Table, number
from oscine.report.run import Run

HARDWARE = {"cpu": "processor", "memory_gib": "memory, GiB"}
"""Facts of the machine whose names in `run.json` are not what readers would call them."""


def environment(run: Run) -> Section:
    """Say on what, with what, and from which commit the run was made."""
    facts = run.facts
    hardware = facts.get("hardware") or {}
    rows = [[HARDWARE.get(key, key), _text(value)] for key, value in hardware.items()]
    git = facts.get("git")
    if git:
        state = ", with uncommitted changes" if git.get("dirty") else ""
        rows.append(["commit", str(git["commit"])[:12] + state])
    blocks: list[Block] = []
    if rows:
        blocks.append(Table("Machine", ["", ""], rows, 2))
    if versions := facts.get("versions"):
        listed = [[name, str(version)] for name, version in versions.items()]
        blocks.append(Table("Versions", ["package", "version"], listed, 2, folded=True))
    if not blocks:
        return Section("environment", "Environment", absent="The environment was not stored.")
    return Section("environment", "Environment", blocks=blocks)


def reproduce(run: Run) -> Section:
    """Give the command as it was typed, and one that needs nothing but the recipe below it."""
    facts, title = run.facts, "Run it again"
    blocks: list[Block] = []
    if command := facts.get("command"):
        text = command if isinstance(command, str) else shlex.join(command)
        blocks.append(Code("As it was typed", text))
    if recipe := run.text("recipe.yaml"):
        anew = (
            "From scratch, with the resolved recipe saved as recipe.yaml: it has every setting, "
            "defaults included, and the places of the data"
        )
        blocks.append(Code(anew, _from_scratch(facts)))
        blocks.append(Code("Resolved recipe", recipe.rstrip(), folded=True))
    if not blocks:
        return Section("reproduce", title, absent="The command was not stored.")
    seed = facts.get("seed")
    same = "On the same machine it gives the same numbers"
    sentence = (
        f"{same}{'' if seed is None else f' (seed {seed})'}; typed in the same place, finished "
        "stages are skipped."
    )
    return Section("reproduce", title, [sentence], blocks)


def _from_scratch(facts: dict[str, Any]) -> str:
    version = (facts.get("versions") or {}).get("oscine")
    package = "oscine[train]" + (f"=={version}" if version else "")
    folder = shlex.quote(f"{facts.get('name') or 'run'}-again")
    return f"pip install {shlex.quote(package)}\noscine run recipe.yaml --out {folder}"


def _text(value: Any) -> str:
    return number(value, 1) if isinstance(value, (int, float)) else str(value)
