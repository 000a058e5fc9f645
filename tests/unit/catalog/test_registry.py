"""One catalog of a recipe, read."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.catalog import SOURCES, CatalogConfig, TaxonomyConfig, read_catalog, read_catalogs
from oscine.config import parse
from oscine.core import CatalogError, ConfigError, LabelError
from unit.catalog.published import publish

TAXONOMY = "SPECIES_CODE,PRIMARY_COM_NAME,SCI_NAME\naldfly,Alder Flycatcher,Empidonax alnorum\n"


def test_an_unknown_source_lists_the_choices() -> None:
    settings = {"name": "x", "source": "birdclef1999", "path": "/x", "role": "target"}
    with pytest.raises(ConfigError, match="birdclef2020, birdclef2021") as caught:
        parse(CatalogConfig, settings)
    assert all(kind in str(caught.value) for kind in SOURCES)


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        ("genus", {"Empidonax", "Cardinalis"}),
        ("scientific_name", {"Empidonax alnorum", "Cardinalis cardinalis"}),
        ("common_name", {"Alder Flycatcher", "Northern Cardinal"}),
    ],
)
def test_the_class_can_be_a_name(column: str, labels: set[str], tmp_path: Path) -> None:
    table = read_catalog(publish("birdclef2023", tmp_path, label_column=column))
    assert set(table["primary_label"]) == labels


def test_secondary_labels_follow_the_class(tmp_path: Path) -> None:
    cells = {0: {"secondary_labels": "['norcar', 'aldfly', 'houspa']"}}
    table = read_catalog(publish("birdclef2023", tmp_path, cells, label_column="genus"))
    assert set(table["secondary_labels"][0]) == {"Cardinalis", "houspa"}


def test_a_row_without_name_has_that_of_its_code(tmp_path: Path) -> None:
    cells = {0: {"scientific_name": "-"}}
    table = read_catalog(publish("birdclef2023", tmp_path, cells, label_column="genus"))
    assert table["primary_label"][0] == "Empidonax"


def test_a_class_that_is_not_stated_is_an_error_that_names_it(tmp_path: Path) -> None:
    config = publish("birdclef2023", tmp_path, {2: {"common_name": ""}}, label_column="common_name")
    with pytest.raises(LabelError, match=r"1 rows have no common_name: norcar.*row 2"):
        read_catalog(config)


def test_a_taxonomy_turns_folder_names_to_codes(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.csv"
    path.write_text(TAXONOMY)
    config = publish("folder", tmp_path / "audio")
    (tmp_path / "audio" / "aldfly").rename(tmp_path / "audio" / "Alder flycatcher")
    catalogs = read_catalogs([config], TaxonomyConfig(tables=(path,)))
    table = catalogs.tables[0][1]
    assert table["primary_label"].to_list() == ["aldfly", "aldfly", "norcar"]
    assert table["scientific_name"].to_list() == ["Empidonax alnorum"] * 2 + [None]
    assert table["published_label"].to_list() == ["Alder flycatcher"] * 2 + [None]


def test_the_taxonomy_names_what_the_class_is_made_of(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.csv"
    path.write_text(TAXONOMY + "norcar,Northern Cardinal,Cardinalis cardinalis\n")
    config = publish("folder", tmp_path / "audio", label_column="genus")
    table = read_catalogs([config], TaxonomyConfig(tables=(path,))).tables[0][1]
    assert set(table["primary_label"]) == {"Empidonax", "Cardinalis"}
    assert set(table["published_label"]) == {"aldfly", "norcar"}


def test_two_catalogs_of_one_name_are_an_error(tmp_path: Path) -> None:
    config = publish("birdclef2023", tmp_path)
    with pytest.raises(CatalogError, match="two catalogs have one name"):
        read_catalogs([config, config], TaxonomyConfig())


def test_the_real_2022_table_is_read(real_data: Path) -> None:
    config = CatalogConfig(
        name="b22",
        source="birdclef2022",
        path=real_data / "catalogs" / "2022",
        role="pretrain",
        audio_required=False,
    )
    table = read_catalog(config)
    assert (len(table), table["primary_label"].n_unique()) == (14_894, 152)
    # The 42 rows that somebody added state nothing; 570 more are rated 0.0.
    assert table["rating"].null_count() == 612
    assert table["author"].null_count() == 42


def test_the_real_2023_table_is_read(real_data: Path) -> None:
    config = CatalogConfig(
        name="b23",
        source="birdclef2023",
        path=real_data / "catalogs" / "2023",
        role="target",
        audio_required=False,
    )
    table = read_catalog(config)
    assert (len(table), table["primary_label"].n_unique()) == (16_941, 264)
    assert table["rating"].null_count() == 514
    assert table["latitude"].null_count() == 227


@pytest.mark.parametrize(
    ("source", "name", "n_rows", "n_classes"),
    [("birdclef2023", "uk", 225, 86), ("folder", "india", 233, 12), ("folder", "animals", 220, 10)],
)
def test_real_catalogs_with_audio_are_read(
    source: str, name: str, n_rows: int, n_classes: int, real_data: Path
) -> None:
    config = CatalogConfig(name=name, source=source, path=real_data / name, role="target")
    table = read_catalog(config)
    assert (len(table), table["primary_label"].n_unique()) == (n_rows, n_classes)
    assert all(Path(path).is_file() for path in table["filepath"])
