"""iNaturalist: the sounds of an observations export.

Source: https://www.inaturalist.org/observations/export. The export is a CSV table, or a zip file
with one; its columns are those that were ticked. It states the first sound of an observation, and
the observation's licence: that of the sound may differ. An empty licence means all rights
reserved. Times are in UTC, not of the place, so they are not taken over.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl

from oscine.catalog.download.listing import UNKNOWN_FILE_TYPE, file_type, make_listing
from oscine.core import SourceError

ARCHIVE = "inaturalist"

NEEDED = ("id", "sound_url", "scientific_name", "license")

COLUMNS = (
    *NEEDED, "user_name", "user_login", "url", "latitude", "longitude", "place_guess",
    "common_name", "observed_on", "quality_grade", "place_country_name",
)  # fmt: skip


def read_export(export: Path) -> pl.DataFrame:
    """List the sounds of an observations export.

    Args:
        export: The CSV table, or the zip file that holds it.

    Returns:
        The listing; a recording's id is that of its sound, as in BirdCLEF since 2025.

    Raises:
        SourceError: It is no such export, lacks a column, or holds no sound.
    """
    table = _read(export)
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise SourceError(
            f"the export lacks {', '.join(missing)}",
            where=export,
            fix="tick these columns and export again",
        )
    absent = [pl.lit(None, pl.String).alias(one) for one in COLUMNS if one not in table.columns]
    sounds = table.with_columns(absent).filter(
        pl.col("sound_url").str.strip_chars().str.len_chars() > 0
    )
    if sounds.is_empty():
        raise SourceError(
            "no observation of the export has a sound",
            where=export,
            fix="add `sounds=true` to the search, tick sound_url, and export again",
        )
    return make_listing(_listing(sounds), export)


def _read(export: Path) -> pl.DataFrame:
    try:
        if export.suffix != ".zip":
            return pl.read_csv(export, infer_schema=False)
        with zipfile.ZipFile(export) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv")]
            if len(names) != 1:
                raise SourceError(f"the zip file holds {len(names)} CSV tables", where=export)
            return pl.read_csv(archive.read(names[0]), infer_schema=False)
    except FileNotFoundError as error:
        raise SourceError("no such export", where=export, fix="check the path") from error
    except (pl.exceptions.PolarsError, zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"the export cannot be read: {error}", where=export) from error


def _listing(sounds: pl.DataFrame) -> pl.DataFrame:
    """Bring the export under the listing's names."""
    address = pl.col("sound_url").str.strip_chars()
    sound = address.str.extract(r"/sounds/(\d+)")
    observation = pl.col("id").str.extract(r"^(\d+)$")
    found = [file_type(one) for one in sounds["sound_url"].to_list()]
    return sounds.select(
        xc_id=pl.coalesce(pl.format("iNat{}", sound), pl.format("iNat-observation{}", observation)),
        file_url=address.str.extract(r"^(https?://\S+)$"),
        file_type=pl.Series(found, dtype=pl.String).fill_null(UNKNOWN_FILE_TYPE),
        stated_name="scientific_name",
        common_name="common_name",
        quality="quality_grade",
        author=pl.coalesce("user_name", "user_login"),
        license=pl.coalesce(_stated("license"), pl.lit("all rights reserved")),
        url=pl.coalesce(
            "url", pl.format("https://www.inaturalist.org/observations/{}", observation)
        ),
        latitude="latitude",
        longitude="longitude",
        site="place_guess",
        country="place_country_name",
        date="observed_on",
    )


def _stated(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)
