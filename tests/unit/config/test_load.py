import pytest

from oscine.config import Config, apply_overrides, dump_yaml, parse, read_yaml
from oscine.core import ConfigError


class Model(Config):
    backbone: str = "b1"
    dropout: float = 0.0


class Whole(Config):
    model: Model = Model()
    stages: tuple[Model, ...] = ()


def test_an_unknown_key_fails_with_the_nearest_name_and_its_place():
    with pytest.raises(
        ConfigError, match=r"model\.backbon: unknown setting; did you mean backbone"
    ):
        parse(Whole, {"model": {"backbon": "x"}})


def test_an_unknown_key_inside_a_list_fails_with_the_nearest_name():
    with pytest.raises(ConfigError, match=r"stages\.0\.dropuot: .*dropout"):
        parse(Whole, {"stages": [{"dropuot": 1}]})


def test_an_unknown_key_that_is_near_to_nothing_lists_the_choices():
    with pytest.raises(ConfigError, match="choices: backbone, dropout"):
        parse(Whole, {"model": {"zzz": 1}})


def test_every_bad_setting_is_listed_at_once():
    with pytest.raises(ConfigError) as caught:
        parse(Whole, {"model": {"dropout": "much"}, "stages": 3})
    assert "model.dropout" in str(caught.value)
    assert "stages" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("1e-3", 0.001),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ("name", "name"),
        ("", None),
    ],
)
def test_an_override_is_read_as_yaml_with_exponents_as_numbers(text, value):
    assert apply_overrides({}, [f"a.b={text}"]) == {"a": {"b": value}}


def test_an_override_reaches_into_a_list_and_leaves_the_given_data_alone():
    data = {"catalogs": [{"path": "a"}]}
    assert apply_overrides(data, ["catalogs.0.path=b"]) == {"catalogs": [{"path": "b"}]}
    assert data == {"catalogs": [{"path": "a"}]}


@pytest.mark.parametrize("text", ["a", "=1", "catalogs.5.path=x", "catalogs.x=1", "seed.x=1"])
def test_a_bad_override_is_a_typed_error_that_quotes_it(text):
    with pytest.raises(ConfigError):
        apply_overrides({"catalogs": [{}], "seed": 1}, [text])


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", "no YAML"), ("- 1", "one mapping"), ("a: 1\na: 2", "stands twice")],
)
def test_a_bad_file_says_what_is_wrong(tmp_path, text, message):
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_yaml(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no such recipe"):
        read_yaml(tmp_path / "none.yaml")


def test_a_dumped_config_reads_back_equal(tmp_path):
    whole = Whole(stages=(Model(dropout=0.25),))
    (tmp_path / "a.yaml").write_text(dump_yaml(whole.to_plain()))
    assert parse(Whole, read_yaml(tmp_path / "a.yaml")) == whole


def test_a_key_of_its_own_wins_over_a_merged_one(tmp_path):
    (tmp_path / "a.yaml").write_text("a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a\n")
    assert read_yaml(tmp_path / "a.yaml")["b"] == {"x": 1, "y": 3}


def test_anchors_and_merges_of_yaml_still_work(tmp_path):
    (tmp_path / "a.yaml").write_text("model: &m {dropout: 0.5}\nstages: [*m]\n")
    assert parse(Whole, read_yaml(tmp_path / "a.yaml")).stages[0].dropout == 0.5
