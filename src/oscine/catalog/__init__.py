"""Catalogs of recordings to audited tables: sources, merge, audit, balance, folds, taxonomy."""

from oscine.catalog.audit import AuditConfig, judge, quarantine
from oscine.catalog.balance import (
    TrainingPart,
    downsample,
    inverse_power_weights,
    resampled_counts,
    upsample,
)
from oscine.catalog.clips import drop_empty_clips, hear_around, hear_overlapping, judge_clips
from oscine.catalog.corrupt import KNOWN_SILENT, drop_listed, read_corrupt_list
from oscine.catalog.departures import Outcome, depart, gather
from oscine.catalog.duplicates import (
    ByteDuplicates,
    by_bytes,
    by_key,
    drop_overlap,
    label_conflicts,
    overlap_by_bytes,
)
from oscine.catalog.ebird import Resolution, apply_taxonomy, read_ebird_taxonomy, resolve
from oscine.catalog.folds import FoldConfig, Split, make_folds, split
from oscine.catalog.groups import GroupKey, components, key_values
from oscine.catalog.leaks import audit_across, audit_leaks, unseen_classes
from oscine.catalog.ledger import ENTRY, Ledger, find_recordings
from oscine.catalog.licenses import (
    attribution,
    exclude_licenses,
    license_counts,
    license_tokens,
    normalise_license,
)
from oscine.catalog.merge import (
    PARTS,
    MergeConfig,
    Merged,
    Part,
    drop_labels,
    drop_rare,
    merge_catalogs,
)
from oscine.catalog.reading import Inputs, SourceConfig
from oscine.catalog.refine import Audited, apply_audit
from oscine.catalog.registry import SOURCES, CatalogConfig, Source, catalog_inputs, read_catalog
from oscine.catalog.story import Story, tell
from oscine.catalog.summary import account, counts_by_catalog, counts_by_class, first_rows
from oscine.catalog.tables import (
    AUDIT,
    CLUSTERS,
    DEPARTURES,
    FINDINGS,
    FOLDS,
    RECORDINGS,
    Column,
    check,
    conform,
    empty,
    read_table,
    write_table,
)
from oscine.catalog.taxonomy import ClassList, Species, class_list, lost_classes

__all__ = [
    "AUDIT",
    "CLUSTERS",
    "DEPARTURES",
    "ENTRY",
    "FINDINGS",
    "FOLDS",
    "KNOWN_SILENT",
    "PARTS",
    "RECORDINGS",
    "SOURCES",
    "AuditConfig",
    "Audited",
    "ByteDuplicates",
    "CatalogConfig",
    "ClassList",
    "Column",
    "FoldConfig",
    "GroupKey",
    "Inputs",
    "Ledger",
    "MergeConfig",
    "Merged",
    "Outcome",
    "Part",
    "Resolution",
    "Source",
    "SourceConfig",
    "Species",
    "Split",
    "Story",
    "TrainingPart",
    "account",
    "apply_audit",
    "apply_taxonomy",
    "attribution",
    "audit_across",
    "audit_leaks",
    "by_bytes",
    "by_key",
    "catalog_inputs",
    "check",
    "class_list",
    "components",
    "conform",
    "counts_by_catalog",
    "counts_by_class",
    "depart",
    "downsample",
    "drop_empty_clips",
    "drop_labels",
    "drop_listed",
    "drop_overlap",
    "drop_rare",
    "empty",
    "exclude_licenses",
    "find_recordings",
    "first_rows",
    "gather",
    "hear_around",
    "hear_overlapping",
    "inverse_power_weights",
    "judge",
    "judge_clips",
    "key_values",
    "label_conflicts",
    "license_counts",
    "license_tokens",
    "lost_classes",
    "make_folds",
    "merge_catalogs",
    "normalise_license",
    "overlap_by_bytes",
    "quarantine",
    "read_catalog",
    "read_corrupt_list",
    "read_ebird_taxonomy",
    "read_table",
    "resampled_counts",
    "resolve",
    "split",
    "tell",
    "unseen_classes",
    "upsample",
    "write_table",
]
