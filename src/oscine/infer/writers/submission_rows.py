"""The rows of a BirdCLEF submission: what `sample_submission.csv` asks for, in each year's form.

| year | row_id | columns | here |
| --- | --- | --- | --- |
| 2020 | `site_1_AUDIO_5`; at site 3 `site_3_AUDIO` for a whole recording | `birds` | "birds" |
| 2021 | `11254_COR_5` for the recording `11254_COR_20190904` | `birds` | "birds" |
| 2022 | `soundscape_1000170626_akiapo_5` | `target` | "target" |
| 2023 to 2026 | `soundscape_29201_5` | one a species | "scores" |

The number is the row's end, s. Source: the sample submissions and test tables of these years.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import polars as pl

from oscine.core import ScanError, name_of

ROW_S = 5
"""Length of a row, s."""

Kind = Literal["scores", "target", "birds"]
"""Of what a submission consists: scores of every species, one truth a row, or names of birds."""

_ROW_IDS: Mapping[Kind, str] = {
    "scores": r"^(?<key>.+)_(?<end>\d{1,6})$",
    "target": r"^(?<key>.+)_(?<code>[^_]+)_(?<end>\d{1,6})$",
    "birds": r"^(?<key>.+?)(?:_(?<end>\d{1,6}))?$",
}

_DATED = re.compile(r"^(\d+_[A-Z]+)_\d{8}$")
"""Recordings of 2021 are dated; their rows are not."""

ROWS = {
    "row_id": pl.String,
    "filepath": pl.String,
    "start_s": pl.Float64,
    "end_s": pl.Float64,
    "species_code": pl.String,
}
"""Columns of laid out rows. `filepath` is null where the row's recording is not scanned; `end_s` is
infinite where the row is a whole recording; `species_code` is of the form of 2022 alone."""


@dataclass(frozen=True, eq=False)
class Template:
    """What a `sample_submission.csv` asks for.

    Args:
        path: The file.
        kind: Its form.
        columns: Its columns after `row_id`, in order.
        rows: row_id, key (what names the recording), end (s, null: a whole recording), code.
    """

    path: Path
    kind: Kind
    columns: tuple[str, ...]
    rows: pl.DataFrame


def read_template(path: Path) -> Template:
    """Read a `sample_submission.csv`.

    Raises:
        ScanError: It is missing or empty, its first column is not `row_id`, or a row_id is of no
            known form.
    """
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ScanError(
            f"no sample submission: {error}", where=path, fix="give sample_submission.csv"
        ) from error
    first, *columns = table.columns
    if first != "row_id" or not columns or table.is_empty():
        raise ScanError(
            "this is no sample submission",
            where=path,
            fix="it has rows, and the columns row_id and those to fill",
        )
    kinds: dict[str, Kind] = {"birds": "birds", "target": "target"}
    kind = kinds.get(columns[0], "scores") if len(columns) == 1 else "scores"
    parts = table.select(pl.col("row_id").str.extract_groups(_ROW_IDS[kind])).unnest("row_id")
    if "code" not in parts.columns:
        parts = parts.with_columns(code=pl.lit(None, dtype=pl.String))
    rows = parts.select(table["row_id"], "key", pl.col("end").cast(pl.Float64), "code")
    if rows["key"].null_count():
        line = (rows["key"].is_null().arg_max() or 0) + 2
        raise ScanError(
            f"line {line}: no row_id of a known form: {table['row_id'][line - 2]!r}",
            where=path,
            fix="row ids end in the end of the row, s, such as soundscape_29201_5",
        )
    return Template(path, kind, tuple(columns), rows)


def match_recordings(template: Template, filepaths: Iterable[str]) -> dict[str, str]:
    """Find the recording that each key of a template names.

    Args:
        template: The template.
        filepaths: Recordings.

    Returns:
        Key -> filepath, of the keys that name a recording: by its name without suffix; in the
        forms of 2020 and 2021 also by its name after a site, or before a date.

    Raises:
        ScanError: Two recordings have one name.
    """
    filepaths = list(filepaths)
    named = _by_name(filepaths, stem)
    if template.kind == "birds":
        named = _by_name(filepaths, lambda path: short_name(stem(path))) | named
    found = {}
    for key in template.rows["key"].unique(maintain_order=True):
        names = _after_site(key) if template.kind == "birds" else [key]
        if name := next((name for name in names if name in named), None):
            found[key] = named[name]
    return found


def _by_name(filepaths: Iterable[str], name: Callable[[str], str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for filepath in filepaths:
        other = named.setdefault(name(filepath), filepath)
        if other != filepath:
            raise ScanError(
                f"two recordings would have the row_ids {name(filepath)}_{ROW_S} and so on",
                where=f"{other}, {filepath}",
                fix="scan them into folders of their own, or rename one",
            )
    return named


def _after_site(key: str) -> list[str]:
    """List a key, and what stands behind each underscore of it, the longest first."""
    parts = key.split("_")
    return ["_".join(parts[place:]) for place in range(len(parts))]


def stem(filepath: str) -> str:
    """Give a recording's name without folder and suffix."""
    return PurePosixPath(name_of(filepath)).stem


def short_name(name: str) -> str:
    """Name a recording as the rows of 2021 do: without its date.

    Example:
        >>> short_name("11254_COR_20190904"), short_name("soundscape_29201")
        ('11254_COR', 'soundscape_29201')
    """
    return _DATED.sub(r"\1", name)


def lay_out(
    template: Template | None, recordings: Mapping[str, float], codes: Sequence[str]
) -> pl.DataFrame:
    """List the rows of a submission.

    Args:
        template: What asks for them. If it names none of the recordings, as the three rows do that
            a competition shows before it scores, only its form counts.
        recordings: Filepath -> length, s.
        codes: Classes of the model, for rows of their own where the form needs them.

    Returns:
        Columns as `ROWS`: the template's rows in its order, or else every row of the recordings,
        but a last one of less than half its length.

    Raises:
        ScanError: Two recordings have one name.
    """
    found = {} if template is None else match_recordings(template, recordings)
    if template is None or not found:
        return _own_rows(template, recordings, codes)
    whole = pl.col("end").is_null()
    return template.rows.select(
        pl.col("row_id"),
        pl.col("key").replace_strict(found, default=None, return_dtype=pl.String).alias("filepath"),
        pl.when(whole).then(0.0).otherwise(pl.col("end") - ROW_S).alias("start_s"),
        pl.col("end").fill_null(float("inf")).alias("end_s"),
        pl.col("code").alias("species_code"),
    )


def _own_rows(
    template: Template | None, recordings: Mapping[str, float], codes: Sequence[str]
) -> pl.DataFrame:
    kind: Kind = "scores" if template is None else template.kind
    species: list[str | None] = [None]
    if template is not None and kind == "target":
        asked = template.rows["code"].unique(maintain_order=True).to_list()
        species = [code for code in asked if code in codes] or list(codes)
    rows = []

    def name_of_rows(filepath: str) -> str:
        return short_name(stem(filepath)) if kind == "birds" else stem(filepath)

    for name, filepath in _by_name(recordings, name_of_rows).items():
        length_s = recordings[filepath]
        for code in species:
            head = name if code is None else f"{name}_{code}"
            for end in range(ROW_S, ROW_S * (n_rows(length_s) + 1), ROW_S):
                rows.append((f"{head}_{end}", filepath, float(end - ROW_S), float(end), code))
    return pl.DataFrame(rows, schema=ROWS, orient="row")


def n_rows(length_s: float) -> int:
    """Count the rows of a recording: a last one of less than half its length is left out.

    Example:
        >>> n_rows(12.4), n_rows(12.5), n_rows(1.0)
        (2, 3, 1)
    """
    return max(1, int(length_s / ROW_S + 0.5))


def heard(detections: pl.DataFrame, start_s: float, end_s: float) -> list[str]:
    """List the species whose detections cover at least half of a stretch of their recording.

    A whole recording is no such stretch: every species that is detected in it counts.
    """
    if end_s - start_s > ROW_S:
        return detections["species_code"].unique().to_list()
    start = pl.col("start_s").clip(lower_bound=start_s)
    end = pl.col("end_s").clip(upper_bound=end_s)
    # Overlapping detections of one species are counted once: each only from where the last ended.
    begun = pl.max_horizontal(start, end.cum_max().shift(1).over("species_code"))
    inside = detections.filter(pl.col("start_s") < end_s, pl.col("end_s") > start_s)
    covered = inside.sort("start_s").select(
        "species_code", length=(end - begun).clip(lower_bound=0.0)
    )
    total = covered.group_by("species_code", maintain_order=True).agg(pl.col("length").sum())
    # A microsecond of tolerance: window times are multiples of the hop only to rounding.
    enough = total.filter(pl.col("length") >= (end_s - start_s) / 2 - 1e-6)
    return enough["species_code"].to_list()
