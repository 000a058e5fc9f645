"""The crosswalk: the codes and names of many years to one species code of today.

eBird changes codes and names every year. Several of its tables, in order of preference, say what
an older code has become: its names in the older table are looked up in the newer ones. What eBird
cannot say (synonyms, numbers of other archives, what is meant after a split) stands in a table of
one's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from oscine.catalog.ebird import Key, Taxon, TaxonomyTable, fold, read_taxonomy
from oscine.catalog.reading import pick_columns, read_published
from oscine.config import Config, Place
from oscine.core import LabelError, Location

How = Literal[
    "own_table",
    "code",
    "older_code",
    "only_older",
    "scientific_name",
    "common_name",
    "stated_name",
    "unresolved",
]
"""How a label was resolved, in the order in which it is tried: by one's own table; as a code of the
first table; as a code of a later one that has a successor, or that has none and so stays; as a
scientific or common name; by the scientific name that its rows state."""

KEYS: tuple[Key, ...] = ("code", "scientific_name", "common_name")


class TaxonomyConfig(Config):
    """How labels of different years and archives become one species code each."""

    tables: tuple[Place, ...] = ()
    """eBird taxonomies in order of preference: the first gives today's codes; none: labels stay."""
    crosswalk: Place | None = None
    """A table of one's own with the columns `old` and `new`; it goes before the others."""
    roll_up_forms: bool = False
    """Whether subspecies and forms become the species that the first table reports them as."""
    strict: bool = False
    """Whether a label that cannot be resolved is an error; false: it stays, and is listed."""

    @property
    def paths(self) -> tuple[Location, ...]:
        """Every file that it names."""
        return (*self.tables, *([self.crosswalk] if self.crosswalk else []))


@dataclass(frozen=True)
class Match:
    """What a label was resolved to.

    Args:
        code: Today's code; the label itself where it is unresolved.
        how: By what.
        table: Place of the table that knew it, from 0; None: no table did.
        detail: Why it is unresolved, where there is more to say than that no table knows it.
    """

    code: str
    how: How
    table: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class Crosswalk:
    """Taxonomy tables in order of preference, and a table of one's own.

    Args:
        tables: The taxonomies.
        own: Old label, folded (`fold`) -> new label.
        roll_up_forms: Whether forms become their species.

    Example:
        >>> older = TaxonomyTable({"brnjay": Taxon("brnjay", "Psilorhinus morio", "Brown Jay")})
        >>> newer = TaxonomyTable({"brojay1": Taxon("brojay1", "Psilorhinus morio", "Brown Jay")})
        >>> match = Crosswalk((newer, older)).find("brnjay")
        >>> match.code, match.how, match.table
        ('brojay1', 'older_code', 1)
    """

    tables: tuple[TaxonomyTable, ...]
    own: Mapping[str, str] | None = None
    roll_up_forms: bool = False

    def find(self, label: str, stated: Iterable[str] = ()) -> Match:
        """Resolve a label.

        Args:
            label: A code, a scientific name or a common name.
            stated: Scientific names that its rows state; asked last.

        Returns:
            The code, and how it was found. A name that several species share is unresolved.
        """
        new = (self.own or {}).get(fold(label))
        if new is not None:
            found = self._look_up(new, KEYS)
            return replace(found, how="own_table", detail="")
        found = self._look_up(label, KEYS)
        if found.how != "unresolved" or found.detail:
            return found
        return self._by_names(label, sorted(set(stated)))

    def _look_up(self, text: str, keys: Sequence[Key]) -> Match:
        for key in keys:
            for place, table in enumerate(self.tables):
                codes = table.codes(key, text)
                if not codes:
                    continue
                today = {code: self._successor(place, code) for code in codes}
                reached = {successor or code for code, successor in today.items()}
                if len(reached) > 1:
                    detail = f"table {place} has this {key} for {', '.join(sorted(reached))}"
                    return Match(text, "unresolved", detail=detail)
                code = reached.pop()
                how: How = key
                if place and None in today.values():
                    how = "only_older"
                elif place and key == "code":
                    how = "older_code"
                return Match(code, how, place)
        return Match(text, "unresolved")

    def _by_names(self, label: str, names: Sequence[str]) -> Match:
        """Resolve a label by what its rows call it, if that is one species."""
        matches = [self._look_up(name, ("scientific_name",)) for name in names]
        known = {match.code: match for match in matches if match.how != "unresolved"}
        if len(known) == 1:
            return replace(next(iter(known.values())), how="stated_name")
        detail = f"its rows name {', '.join(sorted(known))}" if known else ""
        return Match(label, "unresolved", detail=detail)

    def _successor(self, place: int, code: str) -> str | None:
        """Find what a table's code is called in the first table; None: it has no such taxon."""
        taxon = self.tables[place].taxa[code]
        if place == 0:
            rolled = self.roll_up_forms and taxon.report_as in self.tables[0].taxa
            return taxon.report_as if rolled else code
        for earlier, table in enumerate(self.tables[:place]):
            same = table.codes("code", code)
            same = same or table.codes("scientific_name", taxon.scientific_name)
            same = same or table.codes("common_name", taxon.common_name)
            if len(same) == 1:
                return self._successor(earlier, same[0])
        return None

    def taxon(self, code: str) -> Taxon | None:
        """Give a code's names, from the first table that has it."""
        return next((table.taxa[code] for table in self.tables if code in table.taxa), None)

    def named(self, scientific_name: str) -> str | None:
        """Give the code of today that a scientific name belongs to; None: none or several."""
        match = self._look_up(scientific_name, ("scientific_name",))
        return None if match.how == "unresolved" else match.code

    def split_off(self, label: str, code: str) -> list[str]:
        """List the species of today that an older table held for forms of one.

        Args:
            label: A code or name of that older table.
            code: What it was resolved to.

        Returns:
            Codes of the first table, sorted, `code` left out. Where there are any, recordings
            under the label may be of them.
        """
        parted = set()
        for place, table in enumerate(self.tables[1:], start=1):
            species = next((found for key in KEYS if (found := table.codes(key, label))), ())
            for form in (form for one in species for form in table.forms.get(one, ())):
                successor = self._successor(place, form)
                taxon = self.tables[0].taxa.get(successor or "")
                if taxon is not None and taxon.category == "species":
                    parted.add(taxon.code)
        return sorted(parted - {code})


def read_crosswalk(config: TaxonomyConfig) -> Crosswalk:
    """Read the tables that a recipe names.

    Args:
        config: Which.

    Returns:
        The crosswalk.

    Raises:
        SourceError: A table is missing, or lacks a column.
        LabelError: One's own table gives a label two meanings, or none.
    """
    own = read_own_table(config.crosswalk) if config.crosswalk else None
    tables = tuple(read_taxonomy(path) for path in config.tables)
    return Crosswalk(tables, own, config.roll_up_forms)


def read_own_table(path: Location) -> dict[str, str]:
    """Read a crosswalk of one's own.

    Args:
        path: CSV, TSV or Parquet with the columns `old` and `new`: codes or names. A new label
            that a taxonomy knows becomes its code there; another stands as it is written.

    Returns:
        Old label, folded -> new label.

    Raises:
        SourceError: The table is missing, or lacks a column.
        LabelError: A label has two meanings, or none.
    """
    table = pick_columns(read_published(path), {"old": "old", "new": "new"}, path)
    texts = table.select(pl.all().cast(pl.String).str.strip_chars().fill_null(""))
    own: dict[str, str] = {}
    for row, (old, new) in enumerate(texts.iter_rows(), start=1):
        if not old or not new:
            raise LabelError("old or new is empty", where=f"{path}, row {row}", fix="fill in both")
        if own.setdefault(fold(old), new) != new:
            raise LabelError(
                f"{old!r} becomes both {own[fold(old)]!r} and {new!r}",
                where=f"{path}, row {row}",
                fix="keep one of the rows",
            )
    return own
