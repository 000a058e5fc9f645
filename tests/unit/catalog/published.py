"""Tiny catalogs on disk, each under the exact header line and layout of its kind."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oscine.catalog import CatalogConfig

HEADERS = {
    "birdclef2020": (
        "rating,playback_used,ebird_code,channels,date,pitch,duration,filename,speed,species,"
        "number_of_notes,title,secondary_labels,bird_seen,sci_name,location,latitude,"
        "sampling_rate,type,elevation,description,bitrate_of_mp3,file_type,volume,background,"
        "xc_id,url,country,author,primary_label,longitude,length,time,recordist,license"
    ),
    "birdclef2021": (
        "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,"
        "author,date,filename,license,rating,time,url"
    ),
    "birdclef2022": (
        "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,"
        "author,license,rating,time,url,filename"
    ),
    "birdclef2023": (
        "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,"
        "author,license,rating,url,filename"
    ),
    "birdclef2025": (
        "primary_label,secondary_labels,type,filename,collection,rating,url,latitude,longitude,"
        "scientific_name,common_name,author,license"
    ),
    "birdclef2026": (
        "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,"
        "class_name,inat_taxon_id,author,license,rating,url,filename,collection"
    ),
}
HEADERS["birdclef2024"] = HEADERS["birdclef2023"]
HEADERS["xeno_canto_extended"] = HEADERS["birdclef2020"]

TABLES = {
    "birdclef2020": "train.csv",
    "birdclef2025": "train.csv",
    "birdclef2026": "train.csv",
    "xeno_canto_extended": "train_extended.csv",
    "birdclef_soundscapes": "train_soundscapes_labels.csv",
}

SPECIES = (
    ("aldfly", "Empidonax alnorum", "Alder Flycatcher"),
    ("norcar", "Cardinalis cardinalis", "Northern Cardinal"),
)

MODERN_ROW = {
    "secondary_labels": "[]",
    "type": "['song']",
    "latitude": "44.5",
    "longitude": "-72.1",
    "author": "Ann Other",
    "license": "Creative Commons Attribution-ShareAlike 3.0",
    "rating": "3.5",
    "url": "https://www.xeno-canto.org/1",
}


def _rows(kind: str) -> list[dict[str, str]]:
    """Three rows: XC1 and XC2 of the first species, XC3 of the second."""
    rows = []
    for number, (code, scientific, common) in enumerate([SPECIES[0], *SPECIES], start=1):
        names = {
            "primary_label": code,
            "scientific_name": scientific,
            "common_name": common,
            "filename": f"{code}/XC{number}.ogg",
        }
        if kind == "birdclef2021":
            names["filename"] = f"XC{number}.ogg"
        if kind in ("birdclef2020", "xeno_canto_extended"):
            names |= {
                "primary_label": f"{scientific}_{common}",
                "ebird_code": code,
                "sci_name": scientific,
                "species": common,
                "filename": f"XC{number}.mp3",
                "location": "Vermont",
                "bird_seen": "yes",
                "type": "song, call",
            }
        rows.append(MODERN_ROW | names)
    return rows


def _audio(kind: str, folder: Path, row: dict[str, str]) -> Path:
    name = row["filename"]
    code = row.get("ebird_code", row["primary_label"])
    if kind == "birdclef2020":
        return folder / "train_audio" / code / name
    if kind == "birdclef2021":
        return folder / "train_short_audio" / code / name
    if kind == "xeno_canto_extended":
        return folder / ("A-M" if code[0] <= "m" else "N-Z") / code / name
    return folder / "train_audio" / name


def _selection_tables(folder: Path, rows: list[dict[str, str]]) -> None:
    for row in rows:
        cells = ["1", "Spectrogram 1", "1", "0.5", "3.25", "1000.0", "8000.0", row["primary_label"]]
        text = "\t".join(RAVEN_HEADER) + "\n" + "\t".join(cells) + "\n"
        name = f"{Path(row['filename']).stem}.Table.1.selections.txt"
        (folder / name).write_text(text, encoding="utf-8")


def _label_tracks(folder: Path, rows: list[dict[str, str]]) -> None:
    for row in rows:
        text = f"0.500000\t3.250000\t{row['primary_label']}\n\\\t1000.000000\t8000.000000\n"
        (folder / f"{Path(row['filename']).stem}.txt").write_text(text, encoding="utf-8")


def _soundscape_labels(folder: Path, rows: list[dict[str, str]]) -> None:
    lines = [
        f"{Path(row['filename']).name},00:00:05,00:00:10,{row['primary_label']}\n" for row in rows
    ]
    text = "filename,start,end,primary_label\n" + "".join(lines)
    (folder / TABLES["birdclef_soundscapes"]).write_text(text, encoding="utf-8")


RAVEN_HEADER = (
    "Selection",
    "View",
    "Channel",
    "Begin Time (s)",
    "End Time (s)",
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Species",
)

CLIPS: dict[str, Callable[[Path, list[dict[str, str]]], None]] = {
    "raven": _selection_tables,
    "audacity": _label_tracks,
    "birdclef_soundscapes": _soundscape_labels,
}
"""Kinds whose tables say when a bird is heard, and not who recorded it."""


def publish(
    kind: str, folder: Path, change: dict[int, dict[str, str]] | None = None, **settings: Any
) -> CatalogConfig:
    """Write a catalog of three recordings of two species, and give its settings.

    `change` replaces cells: row -> column of theirs -> text. The audio files are placeholders.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = _rows(kind if kind in HEADERS else "birdclef2023")
    for place, cells in (change or {}).items():
        rows[place] |= cells
    if kind == "folder":
        for row in rows:
            _write(folder / row["filename"])
    elif kind in CLIPS:
        CLIPS[kind](folder, rows)
        for row in rows:
            _write(folder / "train_soundscapes" / Path(row["filename"]).name)
    else:
        header = HEADERS.get(kind, HEADERS["birdclef2023"]).split(",")
        with (folder / TABLES.get(kind, "train_metadata.csv")).open("w", newline="") as stream:
            writer = csv.DictWriter(stream, header, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        for row in rows:
            _write(_audio(kind, folder, row))
    if kind == "table":
        settings = {"table": "train_metadata.csv", "audio": "train_audio"} | settings
    return CatalogConfig(
        **({"name": "tiny", "source": kind, "path": folder, "role": "pretrain"} | settings)
    )


def _write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.name.encode())
