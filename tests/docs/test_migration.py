"""The table from the notebook's settings to ours names settings that exist, with their defaults."""

from __future__ import annotations

import re
from typing import Any

import pytest

from docs.documents import code_words, page_text, setting_exists, tables
from oscine.config import parse
from oscine.pipeline import Recipe

PAGE = "docs/reference/migration.md"
ROWS = [row for table in tables(PAGE) if table[0][1] == "oscine" for row in table[1:]]
OURS = sorted({name.partition("=")[0].strip() for row in ROWS for name in code_words(row[1])})

RECIPE = parse(
    Recipe,
    {
        "catalogs": [
            {"name": role, "source": "folder", "path": role, "role": role}
            for role in ("pretrain", "target")
        ]
    },
    where="test",
).to_plain()

STATED = [
    row
    for row in ROWS
    if re.search(r"\(.*\d", row[0]) and not row[0].startswith(("`win`", "`hop`"))
]
"""Rows that state the notebook's number; those of `win` and `hop` follow from others."""


def default(dotted: str) -> object:
    """Give what a recipe that says nothing has for a setting."""
    value: Any = RECIPE
    for name in dotted.split("."):
        value = value[name]
    return value


THEIRS = [
    "seed",
    "debug",
    "verbose",
    "comment",
    "duration",
    "sample_rate",
    "img_size",
    "batch_size",
    "n_fft",
    "win",
    "hop",
    "f_min",
    "f_max",
    "power",
    "top_db",
    "normalize",
    "upsample_thr",
    "cv_filter",
    "drop_remainder",
    "infer_bs",
    "tta",
    "pretrain",
    "fsr",
    "neck_features",
    "final_act",
    "epochs",
    "folds",
    "selected_folds",
    "monitor",
    "optimizer",
    "lr",
    "scheduler",
    "warmup",
    "loss",
    "label_smoothing",
    "freq_mask_prob",
    "num_freq_masks",
    "freq_mask_param",
    "time_mask_prob",
    "num_time_masks",
    "time_mask_param",
    "mixup",
    "cutmix",
    "time_shift",
    "gaussian_noise",
    "wandb",
    "target_col",
    "tab_cols",
    "downsample",
]
"""What users of the notebook look for; the group it stands in may say more."""


@pytest.mark.parametrize("name", OURS)
def test_our_name_is_a_setting(name: str) -> None:
    assert setting_exists(Recipe, name)


@pytest.mark.parametrize("row", STATED, ids=lambda row: row[0])
def test_the_notebooks_number_is_our_default(row: list[str]) -> None:
    numbers = {
        float(text) for text in re.findall(r"(?<![\w.])\.?\d[\d.e-]*", row[0].partition("(")[2])
    }
    ours = str([default(name) for name in code_words(row[1])])
    assert numbers <= {float(text) for text in re.findall(r"\d+\.?\d*(?:e-?\d+)?", ours)}


@pytest.mark.parametrize("name", THEIRS)
def test_their_setting_has_a_row(name: str) -> None:
    assert name in {word for row in ROWS for word in code_words(row[0])}


def test_every_defect_has_a_row() -> None:
    (defects,) = [table for table in tables(PAGE) if table[0][0] == "defect"]
    assert len(defects) - 1 == 10, "as many as the notebook has; see the section on them"
    assert "What differs" in page_text(PAGE)
