"""Slow twins of the metrics, written from their definitions, one decision at a time."""

from __future__ import annotations

import numpy as np


def average_precision(truth: np.ndarray, score: np.ndarray) -> float | None:
    """Sum over distinct thresholds of (rise of recall) x precision."""
    n_positive = truth.sum()
    if n_positive == 0:
        return None
    area = recall_before = 0.0
    for threshold in sorted(set(score.tolist()), reverse=True):
        passed = score >= threshold
        recall = (truth & passed).sum() / n_positive
        area += (recall - recall_before) * (truth & passed).sum() / passed.sum()
        recall_before = recall
    return area


def roc_auc(truth: np.ndarray, score: np.ndarray) -> float | None:
    """Share of (positive, negative) pairs in the right order, ties half."""
    pairs = [(a, b) for a in score[truth] for b in score[~truth]]
    if not pairs:
        return None
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)


def mean_over_classes(one_class, targets: np.ndarray, scores: np.ndarray) -> float | None:
    """Average a metric of one class over the classes that define it."""
    values = [one_class(t, s) for t, s in zip(targets.T, scores.T, strict=True)]
    defined = [value for value in values if value is not None]
    return sum(defined) / len(defined) if defined else None


def pr_auc(targets: np.ndarray, scores: np.ndarray) -> float | None:
    return average_precision(targets.ravel(), scores.ravel())


def macro_roc_auc(targets: np.ndarray, scores: np.ndarray) -> float | None:
    return mean_over_classes(roc_auc, targets, scores)


def cmap(targets: np.ndarray, scores: np.ndarray) -> float | None:
    return mean_over_classes(average_precision, targets, scores)


def padded_cmap(targets: np.ndarray, scores: np.ndarray, padding: int = 5) -> float | None:
    ones = np.ones((padding, targets.shape[1]))
    return cmap(np.vstack([targets, ones.astype(bool)]), np.vstack([scores, ones]))


def top_k_accuracy(targets: np.ndarray, scores: np.ndarray, k: int) -> float | None:
    """A row is right when fewer than k wrong classes reach the score of its best right one."""
    hits = []
    for truth, score in zip(targets, scores, strict=True):
        if truth.any():
            best = max(score[truth])
            hits.append(sum(score[~truth] >= best) < k)
    return sum(hits) / len(hits) if hits else None


ORACLES = {
    "pr_auc": pr_auc,
    "accuracy": lambda targets, scores: top_k_accuracy(targets, scores, 1),
    "top_5_accuracy": lambda targets, scores: top_k_accuracy(targets, scores, 5),
    "macro_roc_auc": macro_roc_auc,
    "cmap": cmap,
    "padded_cmap": padded_cmap,
}
