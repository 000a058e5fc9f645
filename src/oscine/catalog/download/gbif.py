"""GBIF: the sounds of a Darwin Core Archive, as its site gives it out for a download.

Source: https://techdocs.gbif.org/en/data-use/download-formats. The archive is a zip file with
`occurrence.txt` (what was heard, where, by whom) and `multimedia.txt` (one row a picture or sound,
with the address of its file and its licence), both tab-separated without quotes, joined by
`gbifID`. Both can be larger than memory, so they are scanned.

Recordings that GBIF has from Xeno-Canto or iNaturalist keep the id of that archive, so that they
are known again in other catalogs.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from oscine.catalog.download.listing import (
    UNKNOWN_FILE_TYPE,
    file_type,
    make_listing,
)
from oscine.core import SourceError

ARCHIVE = "gbif"

OCCURRENCE, MULTIMEDIA = "occurrence.txt", "multimedia.txt"

LICENSES = {"CC0_1_0": "CC0 1.0", "CC_BY_4_0": "CC BY 4.0", "CC_BY_NC_4_0": "CC BY-NC 4.0"}
"""GBIF's words for the licence of an occurrence, where the sound itself states none."""

FORMATS = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/vnd.wave": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
}
"""Media type -> extension, for addresses that do not tell."""

MEDIA_COLUMNS = (
    "gbifID", "type", "format", "identifier", "references", "creator", "license", "rightsHolder",
)  # fmt: skip
OCCURRENCE_COLUMNS = (
    "gbifID", "catalogNumber", "species", "scientificName", "infraspecificEpithet",
    "vernacularName", "recordedBy", "license", "decimalLatitude", "decimalLongitude", "locality",
    "countryCode", "eventDate", "eventTime", "sex", "lifeStage", "samplingProtocol", "behavior",
)  # fmt: skip


def read_export(export: Path) -> pl.DataFrame:
    """List the sounds of a Darwin Core Archive.

    Args:
        export: The zip file, or the folder that it was unpacked to.

    Returns:
        The listing.

    Raises:
        SourceError: It is no such archive, lacks a column, or holds no sound.
    """
    with _tables(export) as folder:
        media = _scan(folder / MULTIMEDIA, MEDIA_COLUMNS, needed=("gbifID", "identifier"))
        is_sound = (pl.col("type").str.to_lowercase() == "sound").fill_null(False) | (
            pl.col("format").str.to_lowercase().str.starts_with("audio/").fill_null(False)
        )
        sounds = media.filter(is_sound).collect()
        if sounds.is_empty():
            raise SourceError(
                "the archive holds no sound",
                where=export,
                fix="filter by media type Sound, and download as Darwin Core Archive",
            )
        occurrences = _scan(folder / OCCURRENCE, OCCURRENCE_COLUMNS, needed=("gbifID",))
        heard = occurrences.filter(
            pl.col("gbifID").is_in(sounds["gbifID"].unique().implode())
        ).collect()
    joined = sounds.join(heard, on="gbifID", how="left", suffix="_heard", maintain_order="left")
    return make_listing(_listing(joined), export)


@contextmanager
def _tables(export: Path) -> Iterator[Path]:
    """Give a folder that holds the two tables; those of a zip file are unpacked for a while."""
    if export.is_dir():
        yield export
        return
    try:
        with zipfile.ZipFile(export) as archive, tempfile.TemporaryDirectory() as folder:
            for name in {OCCURRENCE, MULTIMEDIA} & set(archive.namelist()):
                with archive.open(name) as packed, (Path(folder) / name).open("wb") as table:
                    shutil.copyfileobj(packed, table)
            yield Path(folder)
    except FileNotFoundError as error:
        raise SourceError("no such export", where=export, fix="check the path") from error
    except zipfile.BadZipFile as error:
        raise SourceError(
            "this is no zip file", where=export, fix="give the Darwin Core Archive as downloaded"
        ) from error


def _scan(path: Path, columns: Sequence[str], needed: Sequence[str]) -> pl.LazyFrame:
    """Scan a table as text; columns that it lacks are null."""
    if not path.exists():
        raise SourceError(
            f"the export has no {path.name}",
            where=path.parent,
            fix="choose Darwin Core Archive as the format of the download, not Simple",
        )
    table = pl.scan_csv(path, separator="\t", quote_char=None, infer_schema=False)
    have = table.collect_schema().names()
    if missing := [name for name in needed if name not in have]:
        raise SourceError(f"{path.name} lacks {', '.join(missing)}", where=path)
    return table.select(
        pl.col(name) if name in have else pl.lit(None, pl.String).alias(name) for name in columns
    )


def _listing(joined: pl.DataFrame) -> pl.DataFrame:
    """Bring the joined tables under the listing's names."""
    number = pl.col("catalogNumber").str.extract(r"^(XC\d+)$")
    sound = pl.col("identifier").str.extract(r"inaturalist\.org/sounds/(\d+)")
    again = pl.int_range(pl.len()).over("gbifID") + 1
    suffix = pl.when(again > 1).then(pl.format("-{}", again)).otherwise(pl.lit(""))
    gbif_id = pl.format("GBIF{}", pl.col("gbifID").str.extract(r"^(\d+)$")) + suffix
    date, time = pl.col("eventDate"), pl.col("eventTime")
    return joined.select(
        xc_id=pl.coalesce(number, pl.format("iNat{}", sound), gbif_id),
        file_url=pl.col("identifier").str.extract(r"^(https?://\S+)$"),
        file_type=pl.coalesce(
            _known_extension(joined["identifier"]),
            pl.col("format").str.to_lowercase().replace_strict(FORMATS, default=None),
            pl.lit(UNKNOWN_FILE_TYPE),
        ),
        stated_name=pl.coalesce("species", "scientificName"),
        subspecies="infraspecificEpithet",
        common_name="vernacularName",
        type="behavior",
        author=pl.coalesce("creator", "rightsHolder", "recordedBy"),
        license=pl.coalesce("license", pl.col("license_heard").replace(LICENSES)),
        url=pl.coalesce("references", pl.format("https://www.gbif.org/occurrence/{}", "gbifID")),
        latitude="decimalLatitude",
        longitude="decimalLongitude",
        site="locality",
        country="countryCode",
        date=date.str.head(10),
        time=pl.coalesce(time, date.str.extract(r"T(\d\d:\d\d)")).str.head(5),
        sex="sex",
        stage="lifeStage",
        method="samplingProtocol",
    )


def _known_extension(addresses: pl.Series) -> pl.Series:
    found = [file_type(address) for address in addresses.to_list()]
    return pl.Series("file_type", found, dtype=pl.String)
