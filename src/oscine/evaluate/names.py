"""Names and meanings of metrics, as readers of a report or a model card see them."""

from __future__ import annotations

METRIC_NAMES: dict[str, str] = {
    "cmap": "cmAP",
    "padded_cmap": "Padded cmAP",
    "macro_roc_auc": "Macro ROC-AUC",
    "pr_auc": "Pooled PR-AUC",
    "accuracy": "Accuracy",
    "top_5_accuracy": "Top-5 accuracy",
}
"""Metrics in the order of a table, with the names that readers see."""

METRIC_MEANINGS: dict[str, str] = {
    "cmap": "average precision of each class, averaged over classes that have a recording",
    "padded_cmap": "the same after five rows of ones are added to truth and scores (BirdCLEF 2023)",
    "macro_roc_auc": "chance that a clip of the class outscores another, averaged over classes",
    "pr_auc": "area under the precision-recall curve of all decisions pooled",
    "accuracy": "share of clips whose highest score is right",
    "top_5_accuracy": "share of clips with the right class among the five highest scores",
}
"""What each metric says, in a line."""
