"""Licences, however they are stated."""

from __future__ import annotations

import pytest

from oscine.catalog import (
    attribution,
    exclude_licenses,
    license_counts,
    license_tokens,
    normalise_license,
)
from unit.catalog.factories import recordings

SHORT_FORMS = [
    ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0", "CC BY-NC-SA 4.0"),
    ("Creative Commons Attribution-NonCommercial-NoDerivs 2.5", "CC BY-NC-ND 2.5"),
    ("Creative Commons Attribution 4.0", "CC BY 4.0"),
    ("http://creativecommons.org/licenses/by-sa/3.0/", "CC BY-SA 3.0"),
    ("//creativecommons.org/licenses/by-nc-nd/4.0/", "CC BY-NC-ND 4.0"),
    ("cc-by-nc 4.0", "CC BY-NC 4.0"),
    ("CC BY", "CC BY"),
    ("cc0 1.0", "CC0"),
    ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
    ("Public Domain Mark", "public domain"),
    ("All Rights Reserved", "all rights reserved"),
    (None, "unknown"),
    (" ", "unknown"),
    ("GNU FDL", "GNU FDL"),
]


@pytest.mark.parametrize(("text", "short"), SHORT_FORMS)
def test_a_licence_has_one_short_form(text: str | None, short: str) -> None:
    assert normalise_license(text) == short


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0", {"by", "nc", "sa"}),
        ("cc0", {"cc0"}),
        ("Public Domain", {"pd"}),
        ("all rights reserved", {"arr"}),
        (None, {"unknown"}),
        ("GNU FDL", {"unknown"}),
    ],
)
def test_conditions_are_read_off(text: str | None, tokens: set[str]) -> None:
    assert license_tokens(text) == tokens


TABLE = recordings(
    [
        {"license": "cc-by-nc 4.0", "author": "Ann"},
        {"license": "Creative Commons Attribution-NonCommercial 4.0", "author": "Ann"},
        {"license": "cc-by-nd 4.0", "author": "Ben"},
        {"license": None},
    ]
)


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ((), ["XC1", "XC2", "XC3", "XC4"]),
        (("nc",), ["XC3", "XC4"]),
        (("nc", "nd"), ["XC4"]),
        (("unknown",), ["XC1", "XC2", "XC3"]),
    ],
)
def test_conditions_are_excluded(tokens: tuple[str, ...], kept: list[str]) -> None:
    outcome = exclude_licenses(TABLE, tokens)
    assert outcome.kept["xc_id"].to_list() == kept
    assert len(outcome.departures) == len(TABLE) - len(kept)


def test_counts_go_by_short_form() -> None:
    assert license_counts(TABLE).rows() == [
        ("CC BY-NC 4.0", 2, 1),
        ("CC BY-ND 4.0", 1, 1),
        ("unknown", 1, 0),
    ]


def test_everyone_is_named_with_their_recordings() -> None:
    assert attribution(TABLE).rows() == [
        ("Ann", "CC BY-NC 4.0", 2, ["XC1", "XC2"]),
        ("Ben", "CC BY-ND 4.0", 1, ["XC3"]),
        ("unknown", "unknown", 1, ["XC4"]),
    ]
