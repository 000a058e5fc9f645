"""The roster of species: invented names that say so, and a grammar each."""

from __future__ import annotations

from dataclasses import dataclass

from oscine.core import generator
from oscine.synth.config import SynthConfig
from oscine.synth.families import FAMILIES
from oscine.synth.grammar import Grammar, Voice

ADJECTIVES = (
    ("Marsh", "palustris"),
    ("Grey", "grisea"),
    ("Golden", "aurea"),
    ("Northern", "borealis"),
    ("Reed", "arundinacea"),
    ("Dusky", "obscura"),
    ("Mountain", "montana"),
    ("Painted", "picta"),
    ("Lesser", "minor"),
    ("Hooded", "cucullata"),
    ("Island", "insularis"),
    ("Rusty", "ferruginea"),
    ("Crested", "cristata"),
    ("Forest", "silvatica"),
    ("Pale", "pallida"),
    ("River", "fluviatilis"),
    ("Spotted", "maculata"),
    ("Dwarf", "nana"),
    ("Masked", "personata"),
    ("Collared", "torquata"),
    ("Bearded", "barbata"),
    ("Scarlet", "coccinea"),
    ("Thorn", "spinosa"),
    ("Velvet", "holosericea"),
    ("Winter", "hiemalis"),
    ("Lowland", "campestris"),
    ("Barred", "fasciata"),
    ("Azure", "azurea"),
)
"""One for each species: English, and the end of the scientific name."""

NOUNS = {
    "whistler": ("Piper", "Sibilator"),
    "triller": ("Trillwing", "Tremulator"),
    "slider": ("Slidefinch", "Labiator"),
    "croaker": ("Croakbill", "Coaxator"),
    "rattler": ("Buzzard-wren", "Bombilator"),
    "rambler": ("Ramblethrush", "Garrulator"),
    "chimer": ("Chimebird", "Tintinnator"),
}
"""One for each family: English, and an invented genus."""


@dataclass(frozen=True)
class Species:
    """An invented species.

    Args:
        code: Species code in eBird's style, such as "marpip9".
        common_name: English name; it starts with "Synthetic".
        scientific_name: Invented genus and species.
        family: A key of `FAMILIES`.
        grammar: Its song.
    """

    code: str
    common_name: str
    scientific_name: str
    family: str
    grammar: Grammar


def species_at(seed: int, index: int) -> Species:
    """Make a species.

    Neighbours in pairs share a family, so that every year has pairs that are hard to tell apart.

    Args:
        seed: The chorus' seed.
        index: Which one, from 0.

    Returns:
        The species; its name depends on the index only.

    Example:
        >>> species_at(42, 0).common_name
        'Synthetic Marsh Piper'
    """
    names = list(FAMILIES)
    family = names[(index // 2) % len(names)]
    variant = index % 2 + 2 * (index // (2 * len(names)))
    adjective, epithet = ADJECTIVES[index]
    noun, genus = NOUNS[family]
    return Species(
        code=f"{adjective[:3]}{noun[:3]}9".lower(),
        common_name=f"Synthetic {adjective} {noun}",
        scientific_name=f"{genus} {epithet}",
        family=family,
        grammar=FAMILIES[family](variant, generator(seed, "species", index)),
    )


@dataclass(frozen=True)
class Roster:
    """Who sings in which year.

    Args:
        pretrain: The species of `year_a`.
        target: The species of `year_b`; its first ones are the last ones of `pretrain`.
    """

    pretrain: tuple[Species, ...]
    target: tuple[Species, ...]

    @property
    def shared(self) -> tuple[Species, ...]:
        """The species of both years."""
        return tuple(one for one in self.target if one in self.pretrain)


def make_roster(config: SynthConfig) -> Roster:
    """Make all species, and say which year has which.

    Args:
        config: The chorus' settings.

    Returns:
        The roster. The target's new species come after the pretraining ones in the sequence of
        families, so they are further variants of families that `year_a` has.
    """
    everyone = tuple(species_at(config.seed, index) for index in range(config.n_species))
    new = config.n_species - config.n_species_pretrain
    return Roster(
        pretrain=everyone[: config.n_species_pretrain],
        target=everyone[len(everyone) - new - config.n_species_shared :],
    )


def voice_of(config: SynthConfig, code: str, recordist: int, which: int) -> Voice:
    """Draw an individual: it sings the same way in all its recordings.

    Args:
        config: The chorus' settings.
        code: Its species.
        recordist: Who records it.
        which: Which of the recordist's birds of that species.

    Returns:
        How it differs from its species.
    """
    rng = generator(config.seed, f"individual/{code}", recordist, which)
    pitch, tempo, brightness = rng.normal(0.0, config.individuality, 3)
    return Voice(
        pitch_octaves=float(0.06 * pitch),
        tempo=float(1.08**tempo),
        brightness_db=float(2.0 * brightness),
    )
