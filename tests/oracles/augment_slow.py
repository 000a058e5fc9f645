"""Augmentations of one clip at a time in plain NumPy: what the batched ones must equal."""

from __future__ import annotations


def mixup(own, partner, weight):
    return weight * own + (1 - weight) * partner


def cutmix(own, partner, start, width):
    result = own.copy()
    for place in range(start, start + width):
        result[place] = partner[place]
    return result


def mask_rows(image, start, width, value):
    """Cover rows start ... start + width - 1 of [rows, columns]."""
    result = image.copy()
    for row in range(start, start + width):
        result[row, :] = value
    return result
