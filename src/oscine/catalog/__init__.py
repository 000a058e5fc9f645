"""Catalogs of recordings to audited tables: sources, merge, audit, balance, folds, taxonomy."""

from oscine.catalog.audit import AuditConfig, judge, quarantine
from oscine.catalog.balance import TrainingPart, downsample, inverse_power_weights, upsample
from oscine.catalog.corrupt import KNOWN_SILENT, drop_listed, read_corrupt_list, unmatched
from oscine.catalog.crosswalk import Crosswalk, Match, TaxonomyConfig, read_crosswalk
from oscine.catalog.departures import Outcome, depart, gather
from oscine.catalog.duplicates import (
    ByteDuplicates,
    by_bytes,
    by_key,
    drop_overlap,
    label_conflicts,
    overlap_by_bytes,
)
from oscine.catalog.ebird import Taxon, TaxonomyTable, read_taxonomy
from oscine.catalog.folds import FoldConfig, Split, make_folds, split
from oscine.catalog.groups import GroupKey, components, key_values
from oscine.catalog.leaks import audit_leaks, unseen_classes
from oscine.catalog.licenses import (
    LicenseToken,
    attribution,
    condition_counts,
    exclude_licenses,
    license_counts,
    license_ledger,
    license_tokens,
    normalise_license,
)
from oscine.catalog.measured import heard_s, with_measurements
from oscine.catalog.merge import (
    PARTS,
    MergeConfig,
    Merged,
    Part,
    drop_rare,
    merge_catalogs,
)
from oscine.catalog.reading import SourceConfig
from oscine.catalog.reconcile import Reconciled, reconcile
from oscine.catalog.refine import Audited, apply_audit
from oscine.catalog.registry import (
    SOURCES,
    CatalogConfig,
    Catalogs,
    Source,
    read_catalog,
    read_catalogs,
)
from oscine.catalog.summary import counts_by_catalog, counts_by_class, first_rows
from oscine.catalog.tables import (
    ATTRIBUTION,
    AUDIT,
    CLUSTERS,
    DEPARTURES,
    FINDINGS,
    FOLDS,
    LICENSES,
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
    "ATTRIBUTION",
    "AUDIT",
    "CLUSTERS",
    "DEPARTURES",
    "FINDINGS",
    "FOLDS",
    "KNOWN_SILENT",
    "LICENSES",
    "PARTS",
    "RECORDINGS",
    "SOURCES",
    "AuditConfig",
    "Audited",
    "ByteDuplicates",
    "CatalogConfig",
    "Catalogs",
    "ClassList",
    "Column",
    "Crosswalk",
    "FoldConfig",
    "GroupKey",
    "LicenseToken",
    "Match",
    "MergeConfig",
    "Merged",
    "Outcome",
    "Part",
    "Reconciled",
    "Source",
    "SourceConfig",
    "Species",
    "Split",
    "Taxon",
    "TaxonomyConfig",
    "TaxonomyTable",
    "TrainingPart",
    "apply_audit",
    "attribution",
    "audit_leaks",
    "by_bytes",
    "by_key",
    "check",
    "class_list",
    "components",
    "condition_counts",
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
    "heard_s",
    "inverse_power_weights",
    "judge",
    "key_values",
    "label_conflicts",
    "license_counts",
    "license_ledger",
    "license_tokens",
    "lost_classes",
    "make_folds",
    "merge_catalogs",
    "normalise_license",
    "overlap_by_bytes",
    "quarantine",
    "read_catalog",
    "read_catalogs",
    "read_corrupt_list",
    "read_crosswalk",
    "read_table",
    "read_taxonomy",
    "reconcile",
    "split",
    "unmatched",
    "unseen_classes",
    "upsample",
    "with_measurements",
    "write_table",
]
