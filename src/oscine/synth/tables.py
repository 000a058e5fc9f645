"""The chorus' tables, with BirdCLEF's header lines: of 2023 for recordings, of 2025-26 else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from oscine.synth.config import SynthConfig
from oscine.synth.entries import Entry
from oscine.synth.scenes import draft
from oscine.synth.soundscapes import WINDOW_S, Soundscape, events, window_labels
from oscine.synth.species import Species

METADATA = (
    "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,author,"
    "license,rating,url,filename"
)
TAXONOMY = "primary_label,inat_taxon_id,scientific_name,common_name,class_name"
SOUNDSCAPE_LABELS = "filename,start,end,primary_label"
ANNOTATIONS = "filename,start_s,end_s,f_min_hz,f_max_hz,species_code"


def csv_text(header: str, rows: Iterable[Sequence[Any]]) -> str:
    r"""Write rows as CSV under a header line.

    Example:
        >>> csv_text("a,b", [(1, "x,y"), (None, "z")])
        'a,b\n1,"x,y"\n,z\n'
    """
    stream = io.StringIO()
    stream.write(header + "\n")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def metadata_text(config: SynthConfig, entries: Iterable[Entry]) -> str:
    """Write `train_metadata.csv` as BirdCLEF 2023 has it; lists are Python literals in text."""
    return csv_text(METADATA, (_metadata_row(config, entry) for entry in entries))


def _metadata_row(config: SynthConfig, entry: Entry) -> tuple[Any, ...]:
    told = draft(config, entry.scene)
    return (
        entry.species.code,
        repr(list(told.secondary_labels)),
        told.type_text,
        told.latitude,
        told.longitude,
        entry.species.scientific_name,
        entry.species.common_name,
        entry.scene.recordist.name,
        entry.scene.recordist.license,
        told.rating,
        f"https://synthetic.invalid/{entry.xc_id.removeprefix('XC')}",
        entry.filename,
    )


def taxonomy_text(species: Iterable[Species]) -> str:
    """Write `taxonomy.csv` as BirdCLEF 2025 has it."""
    rows = sorted((one.code, "", one.scientific_name, one.common_name, "Aves") for one in species)
    return csv_text(TAXONOMY, rows)


def soundscape_labels_text(soundscapes: Sequence[Soundscape]) -> str:
    """Write `train_soundscapes_labels.csv` as BirdCLEF 2026 has it, one row repeated as there."""
    rows = [
        (f"{one.name}.ogg", _clock(start_s), _clock(end_s), ";".join(codes))
        for one in soundscapes
        for start_s, end_s, codes in window_labels(one)
    ]
    return csv_text(SOUNDSCAPE_LABELS, [*rows, *rows[:1]])


def annotations_text(soundscapes: Iterable[Soundscape]) -> str:
    """Write `annotations.csv`: every song as a box in time and frequency."""
    rows = (
        (f"{one.name}.ogg", e.start_s, e.end_s, e.f_min_hz, e.f_max_hz, e.species_code)
        for one in soundscapes
        for e in events(one)
    )
    return csv_text(ANNOTATIONS, rows)


def submission_text(soundscapes: Iterable[Soundscape], species: Sequence[Species]) -> str:
    """Write `sample_submission.csv`: a row a window, a column a species, all equally likely."""
    codes = sorted(one.code for one in species)
    rows = (
        (f"{one.name}_{int((k + 1) * WINDOW_S)}", *[1 / len(codes)] * len(codes))
        for one in soundscapes
        for k in range(int(one.duration_s / WINDOW_S))
    )
    return csv_text(",".join(("row_id", *codes)), rows)


def _clock(time_s: float) -> str:
    """Write a time of day.

    Example:
        >>> _clock(65.0)
        '00:01:05'
    """
    minutes, seconds = divmod(int(time_s), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
