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
    """Give the command and the recipe."""
    blocks: list[Block] = []
    if command := run.facts.get("command"):
        text = command if isinstance(command, str) else shlex.join(command)
        blocks.append(Code("Command", text))
    if recipe := run.text("recipe.yaml"):
        blocks.append(Code("Resolved recipe", recipe.rstrip(), folded=True))
    if not blocks:
        return Section("reproduce", "Run it again", absent="The command was not stored.")
    seed = run.facts.get("seed")
    same = "On the same machine it gives the same numbers"
    sentence = f"{same}{'' if seed is None else f' (seed {seed})'}; finished stages are skipped."
    return Section("reproduce", "Run it again", [sentence], blocks)


def _text(value: Any) -> str:
    return number(value, 1) if isinstance(value, (int, float)) else str(value)
