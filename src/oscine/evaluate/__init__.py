"""The evaluation floor: metrics on arrays, grouped bootstrap intervals, thresholds; no torch."""

from oscine.evaluate.annotations import read_annotations, window_targets
from oscine.evaluate.bootstrap import (
    BootstrapConfig,
    Interval,
    bootstrap_differences,
    bootstrap_interval,
    bootstrap_intervals,
)
from oscine.evaluate.by_class import ClassScores, bootstrap_classes
from oscine.evaluate.config import CalibrationConfig, EvaluateConfig
from oscine.evaluate.curves import PrecisionRecall, Reliability, precision_recall, reliability
from oscine.evaluate.decide import Decided, deal, decide
from oscine.evaluate.frequency import ClassDraws, by_frequency
from oscine.evaluate.margins import rank_by_margin
from oscine.evaluate.metrics import (
    METRICS,
    Metric,
    accuracy,
    cmap,
    evaluate_scores,
    evaluate_table,
    macro_roc_auc,
    padded_cmap,
    per_class,
    pr_auc,
    top_k_accuracy,
)
from oscine.evaluate.score_table import ScoreTable
from oscine.evaluate.seeds import Fit, seeded_differences, seeded_intervals
from oscine.evaluate.soundscapes import AlignConfig, AnnotatedWindows, align, resolve_labels
from oscine.evaluate.thresholds import Thresholds, best_f1_thresholds, precision_thresholds

__all__ = [
    "AlignConfig",
    "AnnotatedWindows",
    "CalibrationConfig",
    "ClassScores",
    "Decided",
    "EvaluateConfig",
    "align",
    "bootstrap_classes",
    "deal",
    "decide",
    "ClassDraws",
    "by_frequency",
    "rank_by_margin",
    "read_annotations",
    "resolve_labels",
    "window_targets",
    "METRICS",
    "Metric",
    "accuracy",
    "cmap",
    "evaluate_scores",
    "evaluate_table",
    "macro_roc_auc",
    "padded_cmap",
    "per_class",
    "pr_auc",
    "top_k_accuracy",
    "BootstrapConfig",
    "Interval",
    "bootstrap_differences",
    "bootstrap_interval",
    "bootstrap_intervals",
    "Fit",
    "seeded_differences",
    "seeded_intervals",
    "PrecisionRecall",
    "Reliability",
    "precision_recall",
    "reliability",
    "ScoreTable",
    "Thresholds",
    "best_f1_thresholds",
    "precision_thresholds",
]
