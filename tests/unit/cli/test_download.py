"""`oscine download`: from an archive's answers to a catalog that `oscine catalog build` reads."""

from __future__ import annotations

import io
import sys

import numpy as np
import polars as pl
import pytest
import soundfile
import yaml

from oscine.core import read_json
from unit.catalog.download.archive import API, KEY, Archive, Trouble, recording
from unit.catalog.download.test_gbif import MEDIA, OCCURRENCE, media, occurrence
from unit.catalog.download.test_inaturalist import as_csv, observation

SPECIES = (("Turdus", "merula"), ("Turdus", "philomelos"), ("Parus", "major"))


def tone(seed):
    """A wav file of a second of noise, as bytes."""
    file = io.BytesIO()
    values = 0.1 * np.random.default_rng(seed).standard_normal(8000)
    soundfile.write(file, values, 8000, format="WAV")
    return file.getvalue()


@pytest.fixture
def archive(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XENO_CANTO_KEY", KEY)
    with Archive(page_size=5) as one:
        yield one


@pytest.fixture
def chorus(archive):
    """Twelve recordings of three species, each by another recordist."""
    for number in range(1, 13):
        genus, epithet = SPECIES[number % 3]
        name = f"XC{number}-a.wav"
        one = recording(number, gen=genus, sp=epithet, file_name=name, rec=f"R{number}", also=[])
        archive.offer(one, body=tone(number))
    return archive


@pytest.fixture
def xeno_canto(oscine, archive):
    def call(*words):
        server = archive.url + API
        first = ("download", "xeno-canto", "gen:turdus", "--out", "xc")
        return oscine(*first, "--server", server, "--per-second", "20", *words)

    return call


def table():
    return pl.read_csv("xc/recordings.csv", infer_schema=False)


def test_what_is_downloaded_is_a_catalog_that_a_recipe_reads(xeno_canto, chorus, oscine, tmp_path):
    said = xeno_canto()
    assert said.status == 0
    assert said.out.splitlines()[-1].startswith("xc: 12 fetched")
    lines = said.out.partition("In a recipe:\n")[2].rpartition("xc:")[0]
    recipe = yaml.safe_load(lines)
    assert recipe["catalogs"][0]["path"] == str(tmp_path / "xc")
    recipe["catalogs"][0]["role"] = "target"
    recipe["target_folds"] = {"cv_filter": 2, "n_folds": 2}
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(recipe))
    said = oscine("catalog", "build", "r.yaml", "--out", "run")
    assert said.status == 0, said.err
    rows = pl.read_parquet("run/audit/target.parquet")
    assert len(rows) == 12
    assert rows["primary_label"].n_unique() == 3
    assert rows["license"].unique().to_list() == [
        "http://creativecommons.org/licenses/by-nc-sa/4.0/"
    ]


def test_a_second_run_fetches_nothing(xeno_canto, chorus):
    xeno_canto()
    before = table()
    chorus.asked.clear()
    said = xeno_canto()
    assert said.status == 0
    assert "0 fetched (0.0 MB), 12 in all" in said.out
    assert len(chorus.asked) == 1
    assert table().equals(before)


def test_a_dry_run_fetches_no_recording(xeno_canto, chorus, tmp_path):
    said = xeno_canto("--dry-run")
    assert said.status == 0
    assert "12 recordings of 3 species match" in said.out
    assert "CC BY-NC-SA 4.0" in said.out
    assert {path.name for path in (tmp_path / "xc").iterdir()} == {"pages"}


def test_a_limit_asks_for_no_more_pages_than_it_needs(xeno_canto, chorus):
    assert xeno_canto("--limit", "3").status == 0
    assert table()["xc_id"].to_list() == ["XC1", "XC2", "XC3"]
    assert chorus.count(API) == 1


def test_so_many_of_each_species_are_had(xeno_canto, chorus):
    assert xeno_canto("--max-per-species", "2").status == 0
    counts = table()["primary_label"].value_counts()["count"].to_list()
    assert counts == [2, 2, 2]


def test_licences_can_be_left_out(xeno_canto, chorus):
    chorus.offer(recording(99, lic="//creativecommons.org/licenses/by-sa/4.0/"))
    assert xeno_canto("--exclude-license", "nc, nd").status == 0
    assert table()["xc_id"].to_list() == ["XC99"]
    assert pl.read_csv("xc/skipped.csv")["reason"].unique().to_list() == ["license"]


def test_failures_are_told_by_status_and_last_line(xeno_canto, chorus):
    chorus.troubles["/3/download"].append(Trouble(404))
    chorus.recordings.append(recording(50, file=""))
    said = xeno_canto()
    assert said.status == 1
    assert said.out.splitlines()[-1] == (
        "xc: 11 fetched (0.2 MB), 11 in all, 1 not given out, 1 failed, run it again; "
        "see xc/failures.csv"
    )
    assert xeno_canto().status == 0


def test_a_taxonomy_makes_codes_and_lists_what_it_does_not_know(xeno_canto, chorus, tmp_path):
    rows = "eurbla,Turdus merula,Eurasian Blackbird\nsonthr1,Turdus philomelos,Song Thrush\n"
    (tmp_path / "e.csv").write_text(f"SPECIES_CODE,SCI_NAME,PRIMARY_COM_NAME\n{rows}")
    said = xeno_canto("--taxonomy", "e.csv")
    assert "not in the taxonomy, 1 species: Parus major" in said.out
    assert set(table()["primary_label"]) == {"eurbla", "sonthr1", "Parus major"}


def test_the_key_is_in_no_file_and_on_no_stream(xeno_canto, chorus, tmp_path):
    chorus.troubles[API].append(Trouble(cut_after=3))
    said = xeno_canto()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    shown = written + (said.out + said.err).encode()
    assert KEY.encode() not in shown
    assert b"k%2By" not in shown


def test_without_a_key_nothing_is_asked(xeno_canto, chorus, monkeypatch):
    monkeypatch.delenv("XENO_CANTO_KEY")
    said = xeno_canto()
    assert said.status == 2
    assert "error: Xeno-Canto's API needs a key (XENO_CANTO_KEY): take yours from" in said.err
    assert chorus.asked == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--exclude-license", "commercial"], "exclude_licenses"),
        (["--limit", "0"], "limit"),
        (["--per-second", "0"], "per_second"),
        (["--taxonomy", "nowhere.csv"], "taxonomy"),
    ],
)
def test_an_option_that_cannot_be_is_named(oscine, archive, words, expected):
    said = oscine("download", "xeno-canto", "gen:turdus", "--out", "xc", *words)
    assert said.status == 2
    assert expected in said.err
    assert archive.asked == []


def test_a_gbif_export_becomes_a_catalog(oscine, archive, tmp_path):
    archive.files["/a.wav"] = tone(1)
    rows = [media("7", "Sound", "audio/wav", f"{archive.url}/a.wav")]
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "multimedia.txt").write_text("\n".join([MEDIA, *rows, ""]))
    heard = occurrence("7", "Turdus merula", "x", license="CC_BY_4_0")
    (folder / "occurrence.txt").write_text("\n".join([OCCURRENCE, heard, ""]))
    said = oscine("download", "gbif", "export", "--out", "xc", "--per-second", "20")
    assert said.status == 0
    assert table().select("xc_id", "filename", "license").rows() == [
        ("GBIF7", "Turdus merula/GBIF7.wav", "CC BY 4.0")
    ]
    assert read_json(tmp_path / "xc" / "download.json")["asked"] == [
        {"archive": "gbif", "query": "export"}
    ]


def test_an_inaturalist_export_becomes_a_catalog(oscine, archive, tmp_path):
    archive.files["/sounds/5.wav"] = tone(1)
    sound = observation(1, sound_url=f"{archive.url}/sounds/5.wav?99", license="")
    (tmp_path / "o.csv").write_text(as_csv(sound))
    said = oscine("download", "inaturalist", "o.csv", "--out", "xc", "--per-second", "20")
    assert said.status == 0
    assert "all rights reserved" in said.out
    assert table()["filename"].to_list() == ["Cardinalis cardinalis/iNat5.wav"]


def test_without_the_extra_the_error_names_it(oscine, monkeypatch, tmp_path):
    for name in [one for one in sys.modules if one.startswith("oscine.catalog.download")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "requests", None)
    said = oscine("download", "gbif", "a.zip", "--out", tmp_path / "a")
    assert said.status == 2
    assert "pip install 'oscine[download]'" in said.err
