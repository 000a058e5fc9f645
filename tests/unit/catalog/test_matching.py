"""Which files may share audio, by landmarks alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.catalog import LANDMARKS, MATCHES, candidates, check, matching, recording_matches
from unit.catalog.factories import audited, recordings, shuffled


def landmarks(seed: int, seconds: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    """Thirty landmarks a second at random."""
    rng = np.random.default_rng(seed)
    n = round(30 * seconds)
    return np.sort(rng.integers(0, round(1_000 * seconds), n)), rng.integers(16, 620, n)


def files(**made: tuple[np.ndarray, np.ndarray]) -> pl.DataFrame:
    rows = {name: (at.tolist(), pitch.tolist()) for name, (at, pitch) in made.items()}
    return pl.DataFrame(
        {
            "file": list(rows),
            "at_ms": [at for at, _ in rows.values()],
            "pitch": [pitch for _, pitch in rows.values()],
        },
        schema={"file": pl.String, **LANDMARKS},
    )


def cut(
    whole: tuple[np.ndarray, np.ndarray], start_ms: int, end_ms: int
) -> tuple[np.ndarray, np.ndarray]:
    inside = (whole[0] >= start_ms) & (whole[0] < end_ms)
    return whole[0][inside] - start_ms, whole[1][inside]


SONG = landmarks(1)


@pytest.mark.parametrize(("start_ms", "end_ms"), [(0, 10_000), (2_000, 4_000), (7_500, 10_000)])
def test_a_cut_is_found_with_its_offset(start_ms: int, end_ms: int) -> None:
    found = candidates(files(a=SONG, b=cut(SONG, start_ms, end_ms), c=landmarks(2)))
    assert found.select("file", "other").rows() == [("a", "b")]
    assert found["offset_s"][0] == pytest.approx(start_ms / 1_000, abs=0.001)


def test_an_offset_is_told_from_the_file_that_comes_first_by_name() -> None:
    found = candidates(files(b=SONG, a=cut(SONG, 2_000, 6_000)))
    assert found["offset_s"][0] == pytest.approx(-2.0, abs=0.001)


def test_landmarks_that_jitter_and_get_lost_still_agree() -> None:
    rng = np.random.default_rng(0)
    stay = rng.random(len(SONG[0])) < 0.7
    at = np.maximum(0, SONG[0] + rng.integers(-2, 3, len(SONG[0])))[stay]
    pitch = (SONG[1] + rng.integers(-2, 3, len(SONG[1])))[stay]
    order = np.argsort(at, kind="stable")
    assert len(candidates(files(a=SONG, b=(at[order], pitch[order])))) == 1


def test_unlike_files_agree_by_chance_alone() -> None:
    found = candidates(files(**{f"f{seed}": landmarks(seed, 60.0) for seed in range(8)}))
    assert len(found) <= 7
    assert (found["votes"] <= 4).all()


def test_a_file_that_repeats_itself_is_no_candidate_of_itself() -> None:
    twice = np.concatenate([SONG[0], SONG[0] + 10_000]), np.concatenate([SONG[1], SONG[1]])
    assert candidates(files(a=twice)).is_empty()


def test_files_without_landmarks_are_no_candidates() -> None:
    nothing = np.array([], int), np.array([], int)
    table = files(a=nothing, b=SONG)
    unread = pl.DataFrame({"file": ["c"], "at_ms": [None], "pitch": [None]}, schema=table.schema)
    assert candidates(pl.concat([table, unread])).is_empty()
    check(candidates(table.head(0)), matching.CANDIDATES)


@given(seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None)
def test_the_order_of_the_files_does_not_matter(seed: int) -> None:
    table = files(a=SONG, b=cut(SONG, 0, 5_000), c=cut(SONG, 3_000, 9_000), d=landmarks(3))
    assert candidates(shuffled(table, seed)).equals(candidates(table))


def test_a_key_that_stands_everywhere_says_nothing() -> None:
    beat = np.arange(0, 20_000, 50), np.full(400, 300)
    assert candidates(files(a=beat, b=beat, c=SONG)).is_empty()


def test_beyond_the_budget_an_even_share_of_the_keys_still_finds_long_overlaps(monkeypatch) -> None:
    minute = landmarks(4, 60.0)
    table = files(a=minute, b=cut(minute, 10_000, 50_000), c=landmarks(5, 60.0))
    all_votes = candidates(table)["votes"][0]
    monkeypatch.setattr(matching, "MOST_KEYS", 1_000)
    found = candidates(table)
    assert found.select("file", "other").rows() == [("a", "b")]
    assert 0.03 * all_votes < found["votes"][0] < 0.5 * all_votes


def test_large_catalogs_have_longer_keys_that_chance_hardly_ever_repeats(monkeypatch) -> None:
    table = files(
        a=SONG, b=cut(SONG, 2_000, 5_000), **{f"f{i}": landmarks(i, 60.0) for i in (5, 6)}
    )
    monkeypatch.setattr(matching, "FEW_LANDMARKS", 0)
    found = candidates(table)
    assert found.select("file", "other").rows() == [("a", "b")]
    assert found["offset_s"][0] == pytest.approx(2.0, abs=0.001)


def test_of_too_many_pairs_those_of_the_rarest_keys_are_looked_at(monkeypatch) -> None:
    crowd = {f"c{i}": SONG for i in range(12)}
    rare = landmarks(7)
    table = files(a=rare, b=cut(rare, 0, 4_000), **crowd)
    assert len(candidates(table)) == 1 + 12 * 11 // 2
    monkeypatch.setattr(matching, "MOST_PAIRS", 5_000)
    assert candidates(table).select("file", "other").rows() == [("a", "b")]


def test_the_number_of_parts_changes_nothing(monkeypatch) -> None:
    table = files(a=SONG, b=cut(SONG, 0, 5_000), c=cut(SONG, 3_000, 9_000))
    expected = candidates(table)
    monkeypatch.setattr(matching, "LANDMARKS_AT_ONCE", 100)
    monkeypatch.setattr(matching, "KEYS_AT_ONCE", 500)
    assert candidates(table).equals(expected)


def pairs(*rows: tuple[str, str, float]) -> pl.DataFrame:
    told = [(*row, 0.9, 0.8) for row in rows]
    columns = ["file", "other", "offset_s", "score", "least_score"]
    types = [pl.String, pl.String, pl.Float64, pl.Float64, pl.Float64]
    return pl.DataFrame(told, schema=dict(zip(columns, types, strict=True)), orient="row")


def test_a_match_of_files_becomes_one_of_their_recordings() -> None:
    table = recordings([{}, {}])
    audit = audited(table, content_hash=["y", "x"], duration_s=[20.0, 5.0])
    found = recording_matches(pairs(("x", "y", -12.0)), table, audit)
    check(found, MATCHES)
    (row,) = found.iter_rows(named=True)
    assert (row["recording_id"], row["other"]) == tuple(table["recording_id"])
    assert (row["offset_s"], row["overlap_s"]) == (12.0, 5.0)
    assert (row["share"], row["other_share"]) == (0.25, 1.0)


def test_clips_match_only_where_they_overlap() -> None:
    clips = [{"start_s": start, "end_s": start + 5.0, "filepath": "/a"} for start in (0.0, 5.0)]
    table = recordings([*clips, {}])
    audit = audited(table, content_hash=["x", "x", "y"], duration_s=[20.0, 20.0, 3.0])
    found = recording_matches(pairs(("x", "y", 6.0)), table, audit)
    assert found.select("recording_id", "other").rows() == [tuple(table["recording_id"][1:])]
    assert found["offset_s"].to_list() == [1.0]


def test_clips_of_one_file_do_not_match_each_other() -> None:
    clips = [{"start_s": start, "end_s": start + 5.0, "filepath": "/a"} for start in (0.0, 2.0)]
    table = recordings(clips)
    audit = audited(table, content_hash=["x", "x"])
    assert recording_matches(pairs(), table, audit).is_empty()


def test_clips_of_byte_identical_files_match_where_their_bounds_differ() -> None:
    table = recordings([{"start_s": 0.0, "end_s": 5.0}, {"start_s": 2.0, "end_s": 8.0}, {}, {}])
    audit = audited(table, content_hash=["x", "x", "z", "z"])
    found = recording_matches(pairs(), table, audit)
    assert found.select("recording_id", "other").rows() == [tuple(table["recording_id"][:2])]
    assert found["overlap_s"].to_list() == [3.0]
