"""Catalogs on a web server and in a bucket: read, merged and audited."""

from __future__ import annotations

import logging
from pathlib import Path

import fsspec
import polars as pl
import pytest

from oscine.core import OscineError, RemoteError
from oscine.pipeline import load_recipe, run
from synthetic import make_recording
from unit.catalog.published import publish
from web import Web


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalog of three recordings of two species, on this machine."""
    publish("birdclef2022", tmp_path / "www" / "year")
    for number, path in enumerate(sorted((tmp_path / "www").rglob("*.ogg"))):
        make_recording(path, 2.0 + number, 22_050, seed=number)
    return tmp_path / "www" / "year"


def build(home: Path, where: str | Path) -> dict[str, str]:
    """Read, merge and audit a catalog; give how each stage ended."""
    recipe = home / "recipe.yaml"
    recipe.write_text(
        f"catalogs:\n  - {{name: year, source: birdclef2022, path: '{where}', role: target}}\n"
        "audio: {window_s: 1.0}\n"
    )
    rows = run(load_recipe(str(recipe)), home / "run", ["audit"])
    return {row["stage"]: row["status"] for row in rows}


def table(home: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(home / "run" / name)


@pytest.fixture
def in_bucket(catalog: Path, bucket: str) -> str:
    for path in catalog.rglob("*.*"):
        name = path.relative_to(catalog).as_posix()
        fsspec.filesystem("memory").pipe(f"{bucket}/{name}", path.read_bytes())
    return bucket


def test_the_tables_are_those_of_the_catalog_here(
    tmp_path: Path, catalog: Path, in_bucket: str, web: Web
) -> None:
    tables = []
    for name, where in (("a", catalog), ("b", in_bucket), ("c", f"{web.url}/year")):
        home = tmp_path / name
        home.mkdir()
        assert set(build(home, where).values()) == {"done"}
        paths = table(home, "audit/target.parquet")["filepath"]
        assert all(path.startswith(str(where)) for path in paths)
        tables.append(table(home, "audit/audit.parquet").drop("filepath", "modified_ns"))
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_a_second_run_skips_all_and_fetches_nothing(
    tmp_path: Path, catalog: Path, web: Web
) -> None:
    build(tmp_path, f"{web.url}/year")
    assert web.count("GET") == 4  # the table and three recordings, each once
    del web.asked[:]
    assert set(build(tmp_path, f"{web.url}/year").values()) == {"skipped"}
    assert web.asked == [("HEAD", "/year/train_metadata.csv")]


def test_a_server_that_lists_nothing_will_do(tmp_path: Path, catalog: Path, web: Web) -> None:
    web.lists_folders = False
    assert build(tmp_path, f"{web.url}/year")["audit"] == "done"


def test_a_lost_recording_is_quarantined_as_missing(
    tmp_path: Path, catalog: Path, web: Web
) -> None:
    (catalog / "train_audio" / "aldfly" / "XC1.ogg").unlink()
    build(tmp_path, f"{web.url}/year")
    findings = table(tmp_path, "audit/findings.parquet").filter("quarantined")
    assert findings.select("filepath", "reason").rows() == [
        (f"{web.url}/year/train_audio/aldfly/XC1.ogg", "missing")
    ]
    assert len(table(tmp_path, "audit/target.parquet")) == 2


def test_a_server_that_dies_stops_the_audit_and_the_next_one_goes_on(
    tmp_path: Path, catalog: Path, web: Web
) -> None:
    dead = "/year/train_audio/norcar/XC3.ogg"
    web.broken[dead] = 99
    with pytest.raises(RemoteError, match="cannot be reached"):
        build(tmp_path, f"{web.url}/year")
    assert not (tmp_path / "run" / "audit" / "findings.parquet").exists()
    web.broken.clear()
    fetched = web.count("GET", ".ogg")
    assert build(tmp_path, f"{web.url}/year") == {"catalog": "skipped", "audit": "done"}
    assert web.count("GET", ".ogg") == fetched + 1
    assert not len(table(tmp_path, "audit/departures.parquet"))


def test_a_server_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OscineError, match="cannot be reached"):
        build(tmp_path, "http://127.0.0.1:9/year")


def test_a_recording_that_changed_in_a_bucket_is_audited_again(
    tmp_path: Path, in_bucket: str
) -> None:
    build(tmp_path, in_bucket)
    longer = make_recording(tmp_path / "longer.ogg", 9.0, 22_050)
    path = f"{in_bucket}/train_audio/aldfly/XC1.ogg"
    fsspec.filesystem("memory").pipe(path, longer.read_bytes())
    assert build(tmp_path, in_bucket) == {"catalog": "skipped", "audit": "done"}
    row = table(tmp_path, "audit/audit.parquet").row(by_predicate=pl.col("filepath") == path)
    assert row[2] == pytest.approx(9.0, abs=0.05)  # a packet of ogg


def test_what_lies_beside_a_catalog_makes_nothing_stale(tmp_path: Path, catalog: Path) -> None:
    build(tmp_path, catalog)
    (catalog / "soundscapes").mkdir()
    (catalog / "soundscapes" / "labels.csv").write_text("filename,start,end\n")
    (catalog / "notes.txt").write_text("notes")
    assert set(build(tmp_path, catalog).values()) == {"skipped"}


def test_no_message_shows_a_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "oscine"), pytest.raises(OscineError) as caught:
        build(tmp_path, "http://127.0.0.1:9/year?key=secret")
    assert "secret" not in str(caught.value) + caplog.text
