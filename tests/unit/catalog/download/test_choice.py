"""What is wanted of a listing; the rest says why."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from oscine.catalog.download import ChoiceConfig, choose
from unit.catalog.download.listings import labelled, row


def reasons(table):
    return dict(table.select("xc_id", "reason").iter_rows())


def ids(table):
    return table["xc_id"].to_list()


def test_what_is_not_identified_not_licensed_or_not_given_out_has_a_reason():
    table = labelled(
        row(1),
        row(2, "Turdus sp."),
        row(3, license="CC BY-NC-ND 4.0"),
        row(4, license=None),
        row(5, file_url=None),
        row(6, license="//creativecommons.org/licenses/by-sa/4.0/"),
    )
    choice = choose(table, [], ChoiceConfig(exclude_licenses=("nc", "unknown")))
    assert ids(choice.wanted) == ["XC1", "XC6"]
    assert reasons(choice.restricted) == {"XC5": "restricted"}
    assert reasons(choice.skipped) == {
        "XC2": "unidentified",
        "XC3": "license",
        "XC4": "license",
    }
    assert choice.skipped["detail"].to_list() == ["Turdus sp.", "CC BY-NC-ND 4.0", "not stated"]


def test_of_a_species_those_there_come_first_and_then_the_best_rated():
    table = labelled(
        row(1, rating="2"),
        row(2, rating="5"),
        row(3),
        row(4, rating="5"),
        row(5, "Turdus philomelos", rating="1"),
    )
    config = ChoiceConfig(max_per_species=2)
    assert ids(choose(table, [], config).wanted) == ["XC2", "XC4", "XC5"]
    choice = choose(table, ["XC3"], config)
    assert ids(choice.wanted) == ["XC2", "XC3", "XC5"]
    assert reasons(choice.skipped) == {"XC1": "enough", "XC4": "enough"}


def test_a_limit_takes_the_first_and_calls_nothing_skipped():
    choice = choose(labelled(row(1), row(2), row(3)), [], ChoiceConfig(limit=2))
    assert ids(choice.wanted) == ["XC1", "XC2"]
    assert choice.skipped.is_empty()


def test_an_empty_listing_is_no_special_case():
    choice = choose(labelled(), [], ChoiceConfig(max_per_species=1, limit=1))
    assert (len(choice.wanted), len(choice.skipped), len(choice.restricted)) == (0, 0, 0)


rows = st.lists(
    st.tuples(
        st.sampled_from(["Turdus merula", "Turdus philomelos", "Turdus sp."]),
        st.sampled_from(["CC BY 4.0", "CC BY-NC 4.0", None]),
        st.sampled_from([None, "1", "5"]),
        st.booleans(),
    ),
    max_size=30,
)


@given(rows, st.integers(1, 4), st.data())
def test_every_recording_is_wanted_or_has_one_reason(rows, most, data):
    table = labelled(
        *(
            row(place, name, license=license_, rating=rating, file_url="http://a" if file else None)
            for place, (name, license_, rating, file) in enumerate(rows)
        )
    )
    there = data.draw(st.lists(st.sampled_from(ids(table)))) if len(table) else []
    choice = choose(table, there, ChoiceConfig(max_per_species=most, exclude_licenses=("nc",)))
    parts = [choice.wanted, choice.restricted, choice.skipped]
    assert sorted(name for part in parts for name in ids(part)) == sorted(ids(table))
    assert choice.wanted.group_by("primary_label").len().filter(pl.col("len") > most).is_empty()
    again = choose(table, ids(choice.wanted), ChoiceConfig(max_per_species=most))
    assert set(ids(choice.wanted)) <= set(ids(again.wanted))
