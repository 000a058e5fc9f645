"""Small recordings tables for tests, and hypothesis strategies that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from hypothesis import strategies as st

from oscine.catalog import (
    AUDIT,
    FINDINGS,
    MATCHES,
    PARTS,
    RECORDINGS,
    CatalogConfig,
    FoldConfig,
    Ledger,
    MergeConfig,
    apply_audit,
    conform,
    empty,
    make_folds,
    merge_catalogs,
)


def recordings(rows: Iterable[dict[str, Any]], catalog: str = "a") -> pl.DataFrame:
    """A RECORDINGS table; what a row leaves out follows from its place."""
    full = []
    for place, row in enumerate(rows):
        label = row.get("primary_label", "brant")
        xc_id = row.get("xc_id", f"XC{place + 1}")
        name = f"{place}-{xc_id}.ogg"
        defaults = {
            "recording_id": f"{catalog}/{label}/{name}",
            "catalog": catalog,
            "birdclef": "23",
            "filename": name,
            "filepath": f"/data/{catalog}/{label}/{name}",
            "xc_id": xc_id,
            "primary_label": label,
            "secondary_labels": [],
            "type": [],
        }
        full.append(defaults | row)
    schema = {name: column.dtype for name, column in RECORDINGS.items()}
    return conform(pl.DataFrame(full, schema=schema), RECORDINGS)


def audited(table: pl.DataFrame, **columns: Any) -> pl.DataFrame:
    """The AUDIT table of recordings that are all in order but for the given columns."""
    sound = {
        "duration_s": 20.0,
        "sample_rate": 32_000,
        "n_channels": 1,
        "peak": 0.5,
        "rms_dbfs": -20.0,
        "dc_offset": 0.0,
        "clipped_fraction": 0.0,
        "n_non_finite": 0,
        "promised_s": 20.0,
        "size_bytes": 1000,
    }
    identity = table.select("recording_id", "filepath", content_hash="recording_id")
    values = {
        name: pl.Series(value) if isinstance(value, list) else pl.lit(value)
        for name, value in (sound | columns).items()
    }
    return conform(identity.with_columns(**values), AUDIT)


def found(table: pl.DataFrame, reason: str, quarantined: bool = True) -> pl.DataFrame:
    """One finding for each recording."""
    return conform(
        table.with_columns(
            reason=pl.lit(reason), quarantined=pl.lit(quarantined), detail=pl.lit("why")
        ),
        FINDINGS,
    )


def matched(
    *pairs: tuple[str, str, float, float], offset_s: float = 0.0, least_score: float = 0.8
) -> pl.DataFrame:
    """The MATCHES table of pairs that share ten seconds: both names, and the share of each."""
    columns = ["recording_id", "other", "share", "other_share"]
    types = [pl.String, pl.String, pl.Float64, pl.Float64]
    table = pl.DataFrame(pairs, schema=dict(zip(columns, types, strict=True)), orient="row")
    return conform(
        table.with_columns(
            offset_s=pl.lit(offset_s),
            overlap_s=pl.lit(10.0),
            score=pl.lit(0.9),
            least_score=pl.lit(least_score),
        ),
        MATCHES,
    )


def catalog(name: str, role: str = "pretrain", **settings: Any) -> CatalogConfig:
    """A catalog's settings, for tables that are made here."""
    return CatalogConfig(name=name, source="folder", path="/data", role=role, **settings)


def built(
    *pairs: tuple[CatalogConfig, pl.DataFrame],
    findings: pl.DataFrame | None = None,
    hashes: Mapping[str, str] | None = None,
    folds: FoldConfig | None = None,
    matches: list[tuple[Any, ...]] | None = None,
) -> Ledger:
    """The ledger of catalogs that are merged, audited and folded as the stages do it.

    `matches` (both names, overlap, both shares, score) are told of, and nothing follows from them.

    Files are the same byte for byte where `hashes` (recording_id -> hash) says so; without
    `findings` and `hashes` there was no audit.
    """
    split = folds or FoldConfig(n_folds=2, cv_filter=2)
    merged = merge_catalogs(pairs, MergeConfig())
    both = pl.concat([merged.pretrain, merged.target])
    name = pl.col("recording_id")
    audit = audited(both, content_hash=both.select(name.replace(dict(hashes or {}))).to_series())
    defects = empty(FINDINGS) if findings is None else findings
    refined = apply_audit(merged, audit, defects, empty(MATCHES))
    after, n_before = refined.merged, len(merged.departures)
    stages = ["catalog"] * n_before + ["audit"] * (len(after.departures) - n_before)
    n_steps = len(merged.waterfall)
    is_audited = findings is not None or hashes is not None
    return Ledger(
        roles={config.name: config.role for config, _ in pairs},
        merged={part: merged.part(part) for part in PARTS},
        final={part: after.part(part) for part in PARTS},
        departures=after.departures.with_columns(stage=pl.Series(stages, dtype=pl.String)),
        findings=pl.concat([defects, after.conflicts]),
        audit=audit if is_audited else empty(AUDIT),
        audited=is_audited,
        matches=_told(matches or []),
        clusters=refined.clusters,
        folds={
            part: make_folds(after.part(part), split, 0, refined.clusters)
            for part in PARTS
            if len(after.part(part))
        },
        fold_configs=dict.fromkeys(PARTS, split),
        steps=[
            {"stage": "catalog" if place < n_steps else "audit"} | row
            for place, row in enumerate(after.waterfall)
        ],
    )


def _told(matches: list[tuple[Any, ...]]) -> pl.DataFrame:
    names = ["recording_id", "other", "overlap_s", "share", "other_share", "score"]
    schema = {name: MATCHES[name].dtype for name in names}
    table = pl.DataFrame(matches, schema=schema, orient="row")
    return conform(table.with_columns(offset_s=pl.lit(0.0), least_score="score"), MATCHES)


LABELS = st.sampled_from(["brant", "gadwal", "mallar3", "skylar"])
BEHIND = st.lists(st.sampled_from(["brant", "gadwal", "skylar", "no class"]), max_size=3)
AUTHORS = st.sampled_from([None, "Ann", "Ben", "Cleo", "Dan"])


@st.composite
def tables(
    draw: st.DrawFn, catalog: str = "a", min_size: int = 0, max_size: int = 30
) -> pl.DataFrame:
    """Any small table: ids, labels and recordists that collide often."""
    row = st.fixed_dictionaries(
        {
            "xc_id": st.integers(1, 12).map(lambda number: f"XC{number}"),
            "primary_label": LABELS,
            "secondary_labels": BEHIND,
            "author": AUTHORS,
        }
    )
    return recordings(draw(st.lists(row, min_size=min_size, max_size=max_size)), catalog)


def shuffled(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The same rows in another order."""
    return table.sample(fraction=1.0, shuffle=True, seed=seed)
