"""One file of the chorus and its row; and the account of what was hidden among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from oscine.core import Reason
from oscine.synth.scenes import Scene
from oscine.synth.species import Species

YEAR_A, YEAR_B = "year_a", "year_b"


@dataclass(frozen=True)
class Entry:
    """One file and its row.

    Args:
        year: Which catalog.
        xc_id: Such as "XC900001".
        species: Its primary label.
        scene: What is heard.
        suffix: The container: ".ogg", ".flac" or ".wav".
        defect: What an audit finds wrong with the file, or None.
        kept: Share of the file's bytes that is there.
    """

    year: str
    xc_id: str
    species: Species
    scene: Scene
    suffix: str = ".ogg"
    defect: Reason | None = None
    kept: float = 1.0

    @property
    def filename(self) -> str:
        """The table's `filename`: folder and file."""
        return f"{self.species.code}/{self.xc_id}{self.suffix}"

    @property
    def path(self) -> PurePosixPath:
        """The file, from the chorus' folder."""
        return PurePosixPath(self.year, "train_audio", self.filename)


@dataclass(frozen=True)
class Planted:
    """What was hidden on purpose, so that a test can ask for exactly that.

    Args:
        defects: Files by reason code.
        cut_ogg: Ogg files that lack their end, which only the missing last page tells.
        duplicate_key: Pairs of files with one id, label and author.
        duplicate_bytes: Pairs of files of a year, with two ids and the same bytes.
        label_conflict: Pairs of files of a year, with one id, two labels and the same bytes.
        target_overlap: Ids that stand in both years, with the same bytes.
    """

    defects: dict[Reason, list[str]] = field(default_factory=dict)
    cut_ogg: list[str] = field(default_factory=list)
    duplicate_key: list[tuple[str, str]] = field(default_factory=list)
    duplicate_bytes: list[tuple[str, str]] = field(default_factory=list)
    label_conflict: list[tuple[str, str]] = field(default_factory=list)
    target_overlap: list[str] = field(default_factory=list)
