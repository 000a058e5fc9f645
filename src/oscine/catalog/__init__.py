"""Catalogs of recordings to audited tables: sources, merge, audit, balance, folds, taxonomy."""

from oscine.catalog.audit import AuditConfig, judge, quarantine
from oscine.catalog.balance import TrainingPart, downsample, inverse_power_weights, upsample
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
from oscine.catalog.leaks import audit_leaks, unseen_classes
from oscine.catalog.licenses import (
    attribution,
    exclude_licenses,
    license_counts,
    license_tokens,
    normalise_license,
)
from oscine.catalog.matching import LANDMARKS, candidates, recording_matches
from oscine.catalog.merge import (
    PARTS,
    MergeConfig,
    Merged,
    Part,
    drop_rare,
    merge_catalogs,
)
from oscine.catalog.reading import SourceConfig
from oscine.catalog.refine import Audited, apply_audit
from oscine.catalog.registry import SOURCES, CatalogConfig, Source, read_catalog
from oscine.catalog.same_audio import AudioDuplicates, by_audio, overlap_by_audio, unite
from oscine.catalog.summary import counts_by_catalog, counts_by_class, first_rows
from oscine.catalog.tables import (
    AUDIT,
    CLUSTERS,
    DEPARTURES,
    FINDINGS,
    FOLDS,
    MATCHES,
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
    "FINDINGS",
    "FOLDS",
    "KNOWN_SILENT",
    "LANDMARKS",
    "MATCHES",
    "PARTS",
    "RECORDINGS",
    "SOURCES",
    "AudioDuplicates",
    "AuditConfig",
    "Audited",
    "ByteDuplicates",
    "CatalogConfig",
    "ClassList",
    "Column",
    "FoldConfig",
    "GroupKey",
    "MergeConfig",
    "Merged",
    "Outcome",
    "Part",
    "Resolution",
    "Source",
    "SourceConfig",
    "Species",
    "Split",
    "TrainingPart",
    "apply_audit",
    "apply_taxonomy",
    "attribution",
    "audit_leaks",
    "by_audio",
    "by_bytes",
    "by_key",
    "candidates",
    "check",
    "class_list",
    "components",
    "conform",
    "counts_by_catalog",
    "counts_by_class",
    "depart",
    "downsample",
    "drop_listed",
    "drop_overlap",
    "drop_rare",
    "empty",
    "exclude_licenses",
    "first_rows",
    "gather",
    "inverse_power_weights",
    "judge",
    "key_values",
    "label_conflicts",
    "license_counts",
    "license_tokens",
    "lost_classes",
    "make_folds",
    "merge_catalogs",
    "normalise_license",
    "overlap_by_audio",
    "overlap_by_bytes",
    "quarantine",
    "read_catalog",
    "read_corrupt_list",
    "read_ebird_taxonomy",
    "read_table",
    "recording_matches",
    "resolve",
    "split",
    "unite",
    "unseen_classes",
    "upsample",
    "write_table",
]
