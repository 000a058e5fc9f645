"""From a listing to a folder."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog.download import (
    DownloadConfig,
    DownloadFolder,
    download,
    forecast,
    run,
    until_enough,
)
from oscine.core import ConfigError, DownloadError
from unit.catalog.download.archive import Trouble
from unit.catalog.download.listings import TAXONOMY, listing, row

BODY = b"ID3" + bytes(1000)
ASKED = {"archive": "xeno-canto", "query": "gen:turdus"}


@pytest.fixture
def folder(tmp_path):
    return DownloadFolder(tmp_path / "xc")


@pytest.fixture
def offer(archive):
    """Makes a listing of numbered recordings, whose files the archive has."""

    def make(*numbers, **changes):
        for number in numbers:
            archive.files[f"/{number}"] = BODY
        rows = (row(one, file_url=f"{archive.url}/{one}", **changes) for one in numbers)
        return listing(*rows)

    return make


def call(table, folder, client, **settings):
    return download(table, folder, client, DownloadConfig(**settings), ASKED)


def reasons(folder):
    rows = pl.read_csv(folder.failures, infer_schema=False)
    return dict(rows.select("xc_id", "reason").iter_rows())


def test_a_second_run_asks_for_nothing(offer, folder, client, archive):
    table = offer(1, 2)
    done = call(table, folder, client)
    assert (done.n_fetched, done.n_bytes, done.n_rows, done.n_failed) == (2, 2 * len(BODY), 2, 0)
    before = folder.table.read_bytes()
    archive.asked.clear()
    done = call(table, folder, client)
    assert (done.n_fetched, done.n_rows, done.forecast.n_there) == (0, 2, 2)
    assert archive.asked == []
    assert folder.table.read_bytes() == before


def test_new_recordings_are_added(offer, folder, client, archive):
    call(offer(1), folder, client)
    archive.asked.clear()
    done = call(offer(1, 2), folder, client)
    assert (done.n_fetched, done.n_rows) == (1, 2)
    assert [path for path, _ in archive.asked] == ["/2"]


class Killed(BaseException):
    """A kill: nothing may catch it."""


def test_a_run_that_was_killed_is_taken_up(offer, folder, client, archive, monkeypatch):
    table, fetch = offer(1, 2, 3), run.fetch_file

    def killed(client, url, target, partial):
        if url.endswith("/2"):
            raise Killed
        return fetch(client, url, target, partial)

    with monkeypatch.context() as patch:
        patch.setattr(run, "fetch_file", killed)
        patch.setattr(DownloadFolder, "add", lambda *_: 0)
        patch.setattr(DownloadFolder, "write_failures", lambda *_: None)
        with pytest.raises(Killed):
            call(table, folder, client)
    assert not folder.table.exists()
    done = call(table, folder, client)
    assert (done.n_fetched, done.n_rows) == (2, 3)
    assert [archive.count(f"/{number}") for number in (1, 2, 3)] == [1, 1, 1]


def test_an_interrupted_run_leaves_a_table_of_what_it_got(offer, folder, client, monkeypatch):
    def interrupted(client, url, target, partial):
        if url.endswith("/2"):
            raise KeyboardInterrupt
        target.parent.mkdir(parents=True)
        return target.write_bytes(BODY)

    monkeypatch.setattr(run, "fetch_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call(offer(1, 2), folder, client)
    assert pl.read_csv(folder.table)["xc_id"].to_list() == ["XC1"]


def test_failures_have_reasons_and_the_run_goes_on(offer, folder, client, archive):
    table = pl.concat([offer(1, 2, 3), listing(row(4, file_url=None))])
    archive.troubles["/1"].append(Trouble(404))
    archive.kinds["/2"] = "text/html"
    done = call(table, folder, client)
    assert (done.n_fetched, done.n_failed, done.n_rows) == (1, 2, 1)
    assert reasons(folder) == {"XC4": "restricted", "XC1": "missing", "XC2": "not_audio"}
    done = call(table, folder, client)
    assert reasons(folder) == {"XC4": "restricted", "XC2": "not_audio"}
    assert pl.read_csv(folder.table)["xc_id"].to_list() == ["XC3", "XC1"]


def test_a_file_that_is_only_restricted_is_no_failure(folder, client):
    done = call(listing(row(1, file_url=None)), folder, client)
    assert (done.n_failed, len(done.failures)) == (0, 1)


def test_a_silent_server_is_not_asked_for_every_file(offer, folder, client, archive):
    table = offer(*range(1, 10))
    for number in range(2, 10):
        archive.troubles[f"/{number}"] += [Trouble(503)] * 6
    with pytest.raises(DownloadError, match="5 files in a row") as caught:
        call(table, folder, client)
    assert "it goes on" in str(caught.value)
    assert archive.count("/7") == 0
    assert pl.read_csv(folder.table)["xc_id"].to_list() == ["XC1"]
    assert set(reasons(folder).values()) == {"unreachable"}


def test_labels_are_codes_where_a_taxonomy_is_given(offer, folder, client, tmp_path):
    path = tmp_path / "ebird.csv"
    names = {"species_code": "SPECIES_CODE", "scientific_name": "SCI_NAME"}
    TAXONOMY.rename(names | {"common_name": "PRIMARY_COM_NAME"}).write_csv(path)
    call(offer(1), folder, client, taxonomy=path)
    assert folder.there() == {"XC1": "eurbla/XC1.mp3"}
    assert pl.read_csv(folder.table)["primary_label"].to_list() == ["eurbla"]
    with pytest.raises(ConfigError, match="labels of this folder"):
        call(offer(1), folder, client)


def test_what_is_not_wanted_is_not_fetched_and_says_why(offer, folder, client, archive):
    table = pl.concat([offer(1), offer(2, license="CC BY-NC 4.0"), offer(3, name="Turdus sp.")])
    call(table, folder, client, exclude_licenses=("nc",))
    assert [path for path, _ in archive.asked] == ["/1"]
    skipped = pl.read_csv(folder.skipped)
    assert sorted(skipped["reason"].to_list()) == ["license", "unidentified"]


def test_a_forecast_counts_and_fetches_and_writes_nothing(offer, folder, archive):
    table = pl.concat(
        [offer(1, 2, duration_s="1800"), offer(3), offer(4, name="Turdus sp.", duration_s="60")]
    )
    seen = forecast(table, folder, DownloadConfig())
    assert (seen.n_listed, seen.n_wanted, seen.n_species, seen.n_there) == (4, 3, 1, 0)
    assert (seen.hours, seen.n_without_duration) == (1.0, 1)
    assert seen.gigabytes == pytest.approx(3600 * 24_000 / 1e9)
    assert seen.licenses.rows() == [("CC BY 4.0", 3, 1)]
    assert seen.left_out == {"unidentified": 1}
    assert archive.asked == []
    assert not folder.root.exists()


def test_without_stated_durations_no_size_is_guessed(offer, folder):
    assert forecast(offer(1), folder, DownloadConfig()).gigabytes is None


def test_a_folder_that_takes_nothing_is_an_error_with_a_way_out(offer, folder, client):
    folder.root.write_text("a file")
    with pytest.raises(DownloadError, match="takes no more") as caught:
        call(offer(1), folder, client)
    assert "run it again" in str(caught.value)


def test_a_listing_is_enough_when_its_usable_rows_reach_the_limit(folder):
    enough = until_enough(folder, DownloadConfig(limit=2))
    assert not enough(listing(row(1), row(2, "Turdus sp."), row(3, file_url=None)))
    assert enough(listing(row(1), row(2, "Turdus sp."), row(3)))


@pytest.mark.parametrize("settings", [{}, {"limit": 2, "max_per_species": 1}])
def test_without_a_limit_and_for_the_best_all_must_be_listed(folder, settings):
    assert until_enough(folder, DownloadConfig(**settings)) is None
