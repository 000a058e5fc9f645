"""The column contract: what a row of each table holds, in which unit, checked on read and write.

Nine tables travel between the stages, all Parquet:

* *recordings*: one row a recording (or a clip of one), `RECORDINGS`;
* *departures*: one row a recording that left the recordings table, with a reason, `DEPARTURES`;
* *audit*: one row a recording whose file was decoded, `AUDIT`;
* *findings*: one row a defect that the audit found, `FINDINGS`;
* *matches*: one row a pair of recordings that share audio, `MATCHES`;
* *clusters*: one row a recording that shares audio with another, `CLUSTERS`;
* *folds*: one row a recording, with its group and fold, `FOLDS`;
* *licenses*: one row a part, catalog and licence, `LICENSES`;
* *attribution*: one row a recordist and licence, `ATTRIBUTION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from oscine.catalog.invariants import broken, check_invariants
from oscine.core import REDO, ArtifactError, CatalogError, atomic_path


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        dtype: Its Polars type.
        meaning: What it holds, with the unit.
        required: Whether null is refused.
        low: The least value allowed.
        high: The greatest value allowed.
    """

    dtype: pl.DataType | type[pl.DataType]
    meaning: str
    required: bool = False
    low: float | None = None
    high: float | None = None


RECORDINGS: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "catalog/filename, unique in the table", required=True),
    "catalog": Column(pl.String, "name of the catalog in the recipe", required=True),
    "birdclef": Column(pl.String, "which collection: '20' ... '26', 'xc', or the catalog's name"),
    "filename": Column(pl.String, "base name of the file", required=True),
    "filepath": Column(pl.String, "path or URL of the audio file", required=True),
    "start_s": Column(pl.Float64, "start of the clip, s; null: the whole recording", low=0.0),
    "end_s": Column(pl.Float64, "end of the clip, s; null: the whole recording", low=0.0),
    "xc_id": Column(pl.String, "the recording's id in its archive, as XC12345", required=True),
    "primary_label": Column(pl.String, "species code of the main voice", required=True),
    "secondary_labels": Column(pl.List(pl.String), "species codes heard behind it", required=True),
    "published_label": Column(pl.String, "primary label as published; null: as it is now"),
    "scientific_name": Column(pl.String, "genus and species"),
    "common_name": Column(pl.String, "English name"),
    "type": Column(pl.List(pl.String), "kinds of vocalisation, such as song or call"),
    "rating": Column(pl.Float64, "quality, 0.5 to 5; null: unrated", low=0.5, high=5.0),
    "author": Column(pl.String, "the recordist"),
    "license": Column(pl.String, "licence as stated"),
    "url": Column(pl.String, "page of the recording"),
    "latitude": Column(pl.Float64, "degrees north", low=-90.0, high=90.0),
    "longitude": Column(pl.Float64, "degrees east", low=-180.0, high=180.0),
    "site": Column(pl.String, "name of the place"),
    "date": Column(pl.String, "date as stated"),
    "time": Column(pl.String, "time of day as stated"),
    "file_type": Column(pl.String, "file extension in lower case, without the dot"),
    "bird_seen": Column(pl.String, "yes, no, or null"),
    "duration_s": Column(pl.Float64, "duration of the whole file, s; null: not audited", low=0.0),
    "sample_rate": Column(pl.Int64, "native sample rate, Hz; null: not audited", low=1),
    "content_hash": Column(pl.String, "BLAKE2b of the file's bytes; null: not audited"),
}
"""The recordings table: the reference recipe's columns, and what grouping and licences need."""

DEPARTURES: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "the row that left", required=True),
    "catalog": Column(pl.String, "its catalog", required=True),
    "primary_label": Column(pl.String, "its label", required=True),
    "xc_id": Column(pl.String, "its base name without extension", required=True),
    "filepath": Column(pl.String, "its audio file", required=True),
    "author": Column(pl.String, "its recordist"),
    "license": Column(pl.String, "its licence as stated"),
    "step": Column(pl.String, "the step that took it out", required=True),
    "reason": Column(pl.String, "a reason code", required=True),
    "detail": Column(pl.String, "what it was compared with", required=True),
    "instead": Column(pl.String, "recording_id of the row that stays in its place, if one does"),
}
"""The departures table: every row that leaves says why."""

AUDIT: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "the recording", required=True),
    "filepath": Column(pl.String, "path or URL of the audio file", required=True),
    "duration_s": Column(pl.Float64, "decoded duration, s", low=0.0),
    "sample_rate": Column(pl.Int64, "native sample rate, Hz", low=1),
    "n_channels": Column(pl.Int64, "native channels", low=1),
    "peak": Column(pl.Float64, "greatest absolute value, full scale is 1", low=0.0),
    "rms_dbfs": Column(pl.Float64, "root mean square, dB of full scale"),
    "content_hash": Column(pl.String, "BLAKE2b of the file's bytes"),
    "size_bytes": Column(pl.Int64, "size of the file, bytes", low=0),
    "modified_ns": Column(pl.Int64, "modification time of the file or of its local copy, ns"),
    "dc_offset": Column(pl.Float64, "mean of the waveform, full scale is 1"),
    "clipped_fraction": Column(pl.Float64, "share of it at full scale", low=0.0, high=1.0),
    "n_non_finite": Column(pl.Int64, "values that are NaN or infinite", low=0),
    "promised_s": Column(pl.Float64, "duration that the header states, s", low=0.0),
    "reason": Column(pl.String, "why it could not be decoded; null: it was"),
    "detail": Column(pl.String, "what the decoder said"),
}
"""The audit table: what decoding every file told."""

FINDINGS: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "the recording", required=True),
    "filepath": Column(pl.String, "path or URL of the audio file", required=True),
    "reason": Column(pl.String, "a reason code", required=True),
    "quarantined": Column(pl.Boolean, "whether the recording is kept out", required=True),
    "detail": Column(pl.String, "what was measured", required=True),
}
"""The findings table: one row a defect; a recording may have several."""

MATCHES: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "the first of the two by name", required=True),
    "other": Column(pl.String, "the recording that it shares audio with", required=True),
    "offset_s": Column(pl.Float64, "where `other` starts on its clock, s", required=True),
    "overlap_s": Column(pl.Float64, "length of the audio that they share, s", True, low=0.0),
    "share": Column(pl.Float64, "part of the first that is shared", True, low=0.0, high=1.0),
    "other_share": Column(pl.Float64, "part of the other that is shared", True, low=0.0, high=1.0),
    "score": Column(pl.Float64, "correlation of the two waveforms", True, low=0.0, high=1.0),
    "least_score": Column(pl.Float64, "that of the piece that agrees least", True, 0.0, 1.0),
}
"""The matches table: pairs of recordings, in different files, that hold the same audio."""

CLUSTERS: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "the recording", required=True),
    "cluster": Column(pl.String, "least recording_id of those that share audio", required=True),
}
"""The clusters table: recordings that share audio, and stay: their labels differ, or each has more
than the other. A recording that left may be what links them."""

FOLDS: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "the recording", required=True),
    "group": Column(pl.String, "least recording_id of its group", required=True),
    "fold": Column(pl.Int64, "the fold that validates it; -1: always in training", True, low=-1),
    "cv": Column(pl.Boolean, "whether any fold validates it", required=True),
}
"""The folds table: a group is never on both sides of a split."""

SPEECH: Mapping[str, Column] = {
    "recording_id": Column(pl.String, "the recording", required=True),
    "filepath": Column(pl.String, "path or URL of the audio file", required=True),
    "start_s": Column(pl.Float64, "where a person starts to talk, s of the file", True, low=0.0),
    "end_s": Column(pl.Float64, "where they stop, s of the file", True, low=0.0),
    "score": Column(pl.Float64, "mean score of the speech, 0 to 1", True, low=0.0, high=1.0),
}
"""The speech table: stretches in which a person talks, in order of time."""

LICENSES: Mapping[str, Column] = {
    "part": Column(pl.String, "pretrain or target", required=True),
    "catalog": Column(pl.String, "name of the catalog in the recipe", required=True),
    "license": Column(pl.String, "licence in its short form, or unknown", required=True),
    "recordings": Column(pl.Int64, "recordings under it", required=True, low=1),
    "recordists": Column(pl.Int64, "recordists who are named", required=True, low=0),
    "hours": Column(pl.Float64, "their length, h; null: not audited", low=0.0),
}
"""The licences table: what training stands on, after merge and audit."""

ATTRIBUTION: Mapping[str, Column] = {
    "author": Column(pl.String, "the recordist, or unknown", required=True),
    "license": Column(pl.String, "licence in its short form, or unknown", required=True),
    "recordings": Column(pl.Int64, "recordings by them under it", required=True, low=1),
    "xc_ids": Column(pl.List(pl.String), "ids of the recordings in their archive", required=True),
}
"""The attribution table: whom to name for which recordings."""

_ONE_ROW_EACH = (RECORDINGS, AUDIT, CLUSTERS, FOLDS)


def empty(contract: Mapping[str, Column]) -> pl.DataFrame:
    """Make a table without rows.

    Example:
        >>> empty(FINDINGS).width
        5
    """
    return pl.DataFrame(schema={name: column.dtype for name, column in contract.items()})


def conform(table: pl.DataFrame, contract: Mapping[str, Column]) -> pl.DataFrame:
    """Cast to a contract's columns in its order; absent ones become null, further ones leave.

    Args:
        table: Any table.
        contract: The contract, such as `RECORDINGS`.

    Returns:
        A table with exactly the contract's columns.

    Raises:
        CatalogError: A value has no place in its column's type.
    """
    if not table.width:
        return empty(contract)
    try:
        return table.select(
            (pl.col(name) if name in table.columns else pl.lit(None)).cast(column.dtype).alias(name)
            for name, column in contract.items()
        )
    except pl.exceptions.PolarsError as error:
        raise CatalogError(f"a column has values of the wrong type: {error}") from error


def check(table: pl.DataFrame, contract: Mapping[str, Column], where: object = None) -> None:
    """Check types, nulls and ranges against a contract.

    Args:
        table: The table.
        contract: What it promises.
        where: What to name in an error.

    Raises:
        CatalogError: A column is absent, has another type, or holds a value that it may not.
    """
    for name, column in contract.items():
        if name not in table.columns:
            raise CatalogError(f"no column {name!r}: {column.meaning}", where=where)
        series = table[name]
        if series.dtype != column.dtype:
            raise CatalogError(f"{name} is {series.dtype}, not {column.dtype}", where=where)
        if column.required and series.null_count():
            what = f"{name} has {series.null_count()} empty values"
            raise broken(what, table, series.is_null(), where)
        _check_range(table, name, column, where)
    if any(contract is unique for unique in _ONE_ROW_EACH):
        ids = table["recording_id"]
        if ids.n_unique() < len(ids):
            twice = ids.is_duplicated()
            raise broken("a recording_id stands twice", table, twice, where)


def _check_range(table: pl.DataFrame, name: str, column: Column, where: object) -> None:
    outside = pl.Series([False])
    if column.low is not None:
        outside = (table[name] < column.low).fill_null(False)
    if column.high is not None and not outside.any():
        outside = (table[name] > column.high).fill_null(False)
    if outside.any():
        value = table[name].filter(outside)[0]
        what = f"{name} holds {value}, outside {column.low} to {column.high}: {column.meaning}"
        raise broken(what, table, outside, where)


def write_table(table: pl.DataFrame, path: Path, contract: Mapping[str, Column]) -> None:
    """Check a table and write it as Parquet, atomically.

    Raises:
        CatalogError: The table breaks the contract; nothing is written.
    """
    _check_all(table, contract, path)
    with atomic_path(path) as partial:
        table.write_parquet(partial)


def read_table(path: Path, contract: Mapping[str, Column]) -> pl.DataFrame:
    """Read a Parquet table and check it.

    Raises:
        ArtifactError: The file is missing.
        CatalogError: The table breaks the contract.
    """
    if not path.exists():
        raise ArtifactError("missing table", where=path, fix=REDO)
    table = pl.read_parquet(path)
    _check_all(table, contract, path)
    return table


def _check_all(table: pl.DataFrame, contract: Mapping[str, Column], path: Path) -> None:
    check(table, contract, where=path)
    if contract is RECORDINGS:
        check_invariants(table, where=path)
