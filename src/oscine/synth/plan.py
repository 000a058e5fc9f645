"""Which files the chorus has: a long tail of species, two years, and the defects on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from oscine.core import Reason, generator
from oscine.synth.config import SynthConfig
from oscine.synth.entries import YEAR_A, YEAR_B, Entry, Planted
from oscine.synth.recordists import recordist_at
from oscine.synth.scenes import Scene
from oscine.synth.species import Roster, Species, make_roster

FIRST_ID = {YEAR_A: 900_001, YEAR_B: 950_001}
CUT = 0.75
"""Share of its bytes that is left of a file that was cut."""
FAVOUR = 1.8
"""Spread of how much recordists like a species, natural logarithm."""
DISTINCT = 5
"""The first recordings of a species come from that many people, so that groups can be folded."""


@dataclass(frozen=True)
class Plan:
    """All files of the two years.

    Args:
        roster: Who sings in which year.
        entries: The files, defects included.
        planted: What is wrong among them.
    """

    roster: Roster
    entries: tuple[Entry, ...]
    planted: Planted


def long_tail(most: int, least: int, n_species: int) -> list[int]:
    """Count recordings from the commonest species to the rarest, on a geometric scale.

    Example:
        >>> long_tail(40, 10, 3)
        [40, 20, 10]
    """
    return [int(n + 0.5) for n in np.geomspace(most, least, n_species)]


def make_plan(config: SynthConfig) -> Plan:
    """Plan the two years.

    Args:
        config: The chorus' settings.

    Returns:
        The plan; the same settings give the same plan.
    """
    return _Planner(config).plan()


class _Planner:
    """Hands out ids and scene numbers while the plan is made."""

    def __init__(self, config: SynthConfig) -> None:
        self.config = config
        self.roster = make_roster(config)
        self.recordists = [recordist_at(config, i) for i in range(config.n_recordists)]
        self.next_id = dict(FIRST_ID)
        self.next_scene = 0
        self.planted = Planted()

    def plan(self) -> Plan:
        config = self.config
        tail_a = long_tail(config.pretrain_most, config.pretrain_least, config.n_species_pretrain)
        tail_b = long_tail(config.target_most, config.target_least, config.n_species_target)
        year_a = self._year(YEAR_A, self.roster.pretrain, tail_a)
        year_b = self._overlap(year_a, self._year(YEAR_B, self.roster.target, tail_b))
        entries = [*year_a, *year_b]
        free = [e for e in entries if e.xc_id not in self.planted.target_overlap]
        rng = generator(config.seed, "planted")
        free = [free[int(i)] for i in rng.permutation(len(free))]
        entries += [self._again(e) for e in _take(free, YEAR_A, config.n_duplicate_key)]
        for turn in range(config.n_duplicate_bytes):
            entries += [self._renamed(e) for e in _take(free, (YEAR_B, YEAR_A)[turn % 2], 1)]
        for entry in _take(free, YEAR_A, config.n_conflicts):
            entries.remove(entry)
            entries += self._disputed(entry, rng)
        entries += self._broken(rng)
        entries.sort(key=lambda entry: str(entry.path))
        return Plan(self.roster, tuple(entries), self.planted)

    def _new(self, year: str, one: Species, recordist: int) -> Entry:
        pool = self.roster.pretrain if year == YEAR_A else self.roster.target
        scene = Scene(self.next_scene, (one,), pool, self.recordists[recordist])
        self.next_scene += 1
        return Entry(year, self._id(year), one, scene)

    def _id(self, year: str) -> str:
        self.next_id[year] += 1
        return f"XC{self.next_id[year] - 1}"

    def _year(self, year: str, species: Sequence[Species], tail: Sequence[int]) -> list[Entry]:
        rng = generator(self.config.seed, f"plan/{year}")
        counts = rng.permutation(np.asarray(tail))
        entries = []
        for one, count in zip(species, counts, strict=True):
            weights = np.exp(FAVOUR * rng.standard_normal(len(self.recordists)))
            weights /= weights.sum()
            first = rng.choice(
                len(weights), min(DISTINCT, int(count), len(weights)), replace=False, p=weights
            )
            rest = rng.choice(len(weights), int(count) - len(first), p=weights)
            entries += [self._new(year, one, int(i)) for i in (*first, *rest)]
        return entries

    def _overlap(self, year_a: list[Entry], year_b: list[Entry]) -> list[Entry]:
        """Replace the last recordings of the shared species by recordings of the other year."""
        result = list(year_b)
        for i in range(self.config.n_overlap):
            one = self.roster.shared[i % len(self.roster.shared)]
            theirs = [entry for entry in year_a if entry.species == one]
            ours = [k for k, entry in enumerate(result) if entry.species == one]
            turn = i // len(self.roster.shared)
            if turn < min(len(theirs), len(ours)):
                result[ours[-1 - turn]] = replace(theirs[turn], year=YEAR_B)
                self.planted.target_overlap.append(theirs[turn].xc_id)
        return result

    def _again(self, entry: Entry) -> Entry:
        twin = replace(entry, suffix=".flac")
        self.planted.duplicate_key.append((str(entry.path), str(twin.path)))
        return twin

    def _renamed(self, entry: Entry) -> Entry:
        twin = replace(entry, xc_id=self._id(entry.year))
        self.planted.duplicate_bytes.append((str(entry.path), str(twin.path)))
        return twin

    def _disputed(self, entry: Entry, rng: np.random.Generator) -> list[Entry]:
        others = [one for one in self.roster.pretrain if one != entry.species]
        other = others[int(rng.integers(len(others)))]
        scene = replace(entry.scene, species=(entry.species, other))
        pair = [replace(entry, scene=scene), replace(entry, scene=scene, species=other)]
        self.planted.label_conflict.append((str(pair[0].path), str(pair[1].path)))
        return pair

    def _broken(self, rng: np.random.Generator) -> list[Entry]:
        counts = {
            Reason.TRUNCATED: self.config.n_truncated,
            Reason.EMPTY: self.config.n_empty,
            Reason.UNREADABLE: self.config.n_unreadable,
            Reason.SILENT: self.config.n_silent,
            Reason.NON_FINITE: self.config.n_non_finite,
        }
        entries = []
        for reason, count in counts.items():
            for turn in range(count):
                kept = CUT if reason is Reason.TRUNCATED else 1.0
                new = self._anywhere(turn, rng)
                new = replace(new, defect=reason, suffix=_suffix(reason, turn), kept=kept)
                self.planted.defects.setdefault(reason, []).append(str(new.path))
                entries.append(new)
        for turn in range(self.config.n_cut_ogg):
            entries.append(replace(self._anywhere(turn + 1, rng), kept=CUT))
            self.planted.cut_ogg.append(str(entries[-1].path))
        return entries

    def _anywhere(self, turn: int, rng: np.random.Generator) -> Entry:
        """Make an entry of any species and recordist, of the years in turn."""
        year = (YEAR_A, YEAR_B)[turn % 2]
        pool = self.roster.pretrain if year == YEAR_A else self.roster.target
        one = pool[int(rng.integers(len(pool)))]
        return self._new(year, one, int(rng.integers(len(self.recordists))))


def _suffix(reason: Reason, turn: int) -> str:
    if reason is Reason.NON_FINITE:
        return ".wav"
    return (".flac", ".wav")[turn % 2] if reason is Reason.TRUNCATED else ".ogg"


def _take(free: list[Entry], year: str, count: int) -> list[Entry]:
    """Take entries of a year out of those that nothing was done to yet."""
    taken = [entry for entry in free if entry.year == year][:count]
    for entry in taken:
        free.remove(entry)
    return taken
