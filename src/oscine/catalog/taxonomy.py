"""Species and the ordered class list that a model's outputs follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import LabelError

LISTED = 10
"""How many labels and rows an error names."""


@dataclass(frozen=True)
class Species:
    """One class.

    Args:
        species_code: Its label in the tables.
        scientific_name: Genus and species; the genus alone for a genus; empty when unknown.
        common_name: English name; empty when unknown.
    """

    species_code: str
    scientific_name: str = ""
    common_name: str = ""

    @property
    def name(self) -> str:
        """The name to show: common, else scientific, else the code."""
        return self.common_name or self.scientific_name or self.species_code


@dataclass(frozen=True)
class ClassList:
    """The classes of a model, in the order of its outputs.

    Args:
        species: The classes; their codes are unique.

    Example:
        >>> classes = ClassList((Species("brant"), Species("gadwal")))
        >>> classes.index(["gadwal", "brant"]).tolist()
        [1, 0]
    """

    species: tuple[Species, ...]

    def __post_init__(self) -> None:
        twice = sorted(code for code, count in Counter(self.codes).items() if count > 1)
        if twice:
            raise LabelError(f"class {twice[0]!r} stands twice", where="class list")

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The labels, in order."""
        return tuple(species.species_code for species in self.species)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {code: place for place, code in enumerate(self.codes)}

    def __len__(self) -> int:
        return len(self.species)

    def __iter__(self) -> Iterator[Species]:
        return iter(self.species)

    def __contains__(self, label: object) -> bool:
        return label in self._places

    def index(
        self,
        labels: pl.Series | Sequence[str],
        recording_ids: pl.Series | Sequence[str] | None = None,
    ) -> NDArray[np.int64]:
        """Find the places of labels.

        Args:
            labels: One label a row.
            recording_ids: What to call the rows in an error; None: their numbers, from 0.

        Returns:
            One place a row.

        Raises:
            LabelError: Some label is no class; labels and rows are named.
        """
        places = [self._places.get(label, -1) for label in labels]
        found = np.array(places, dtype=np.int64)
        rows = np.flatnonzero(found < 0)
        if len(rows):
            unknown = sorted({str(labels[int(row)]) for row in rows})
            ids = [str(row if recording_ids is None else recording_ids[int(row)]) for row in rows]
            raise LabelError(
                f"{len(unknown)} labels are not in the class list: {_listed(unknown)}",
                where=f"{len(rows)} rows: {_listed(ids)}",
                fix="make the class list of the same recordings",
            )
        return found

    def to_plain(self) -> list[dict[str, str]]:
        """Give the classes as JSON-ready data."""
        return [asdict(species) for species in self.species]

    @classmethod
    def from_plain(cls, data: Any) -> ClassList:
        """Make a class list from what `to_plain` gave.

        Raises:
            LabelError: The data is no class list.
        """
        try:
            return cls(tuple(Species(**{**row}) for row in data))
        except TypeError as error:
            raise LabelError(f"this is no class list: {error}", where="class list") from error


def _listed(items: Sequence[str]) -> str:
    more = f", and {len(items) - LISTED} more" if len(items) > LISTED else ""
    return ", ".join(items[:LISTED]) + more


def class_list(recordings: pl.DataFrame) -> ClassList:
    """Make the class list of recordings, in the order of the labels.

    Args:
        recordings: Recordings; their order does not matter.

    Returns:
        One class a label, with the names that most of its rows state. A class of several species
        that share its name as genus is that genus.
    """
    names = {
        column: _most_frequent(recordings, column) for column in ("scientific_name", "common_name")
    }
    genera = _genera(recordings)
    labels = recordings["primary_label"].unique().sort().to_list()
    return ClassList(
        tuple(
            Species(label, label, "")
            if label in genera
            else Species(
                label,
                names["scientific_name"].get(label, ""),
                names["common_name"].get(label, ""),
            )
            for label in labels
        )
    )


def _most_frequent(recordings: pl.DataFrame, column: str) -> dict[str, str]:
    counts = recordings.drop_nulls(column).group_by("primary_label", column).len()
    ranked = counts.sort("primary_label", "len", column, descending=[False, True, False])
    first = ranked.unique("primary_label", keep="first", maintain_order=True)
    return dict(first.select("primary_label", column).iter_rows())


def _genera(recordings: pl.DataFrame) -> set[str]:
    """Find the labels that are the genus of all their rows' species."""
    genus = pl.col("scientific_name").str.split(" ").list.first()
    own = recordings.drop_nulls("scientific_name").group_by("primary_label")
    same = own.agg(same=(genus == pl.col("primary_label")).all()).filter("same")
    return set(same["primary_label"].to_list())


def lost_classes(before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    """List the classes that lost all their recordings.

    Args:
        before: Recordings.
        after: What is left of them.

    Returns:
        Labels, sorted.
    """
    return sorted(set(before["primary_label"]) - set(after["primary_label"]))
