from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from oscine.config import Config, Place, dump_yaml, parse
from oscine.core import ConfigError, is_remote, location


class Inner(Config):
    value: int = 1


def test_a_config_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Inner().value = 2


def test_equal_settings_have_equal_fingerprints_and_others_do_not():
    assert Inner(value=1).fingerprint() == Inner().fingerprint() != Inner(value=2).fingerprint()


class Places(Config):
    folder: Place = Path("data")
    lists: tuple[Place, ...] = ()


@pytest.mark.parametrize("text", ["gs://bucket/a b", "https://h/x.csv?y=1", "data/x", "/data"])
def test_a_place_survives_being_written(text):
    settings = Places(folder=text, lists=[text])
    assert settings.to_plain() == {"folder": text, "lists": [text]}
    assert parse(Places, yaml.safe_load(dump_yaml(settings.to_plain()))) == settings
    assert settings.fingerprint() == Places(folder=location(text), lists=[text]).fingerprint()


def test_a_path_and_a_url_are_what_they_say():
    assert Places(folder="data/x").folder == Path("data/x")
    assert is_remote(Places(folder="s3://b/x").folder)


@pytest.mark.parametrize("value", [5, None, "foo://x"])
def test_what_is_no_place_is_refused(value):
    with pytest.raises(ConfigError, match="folder"):
        parse(Places, {"folder": value})


def test_the_password_of_a_url_is_not_repeated():
    with pytest.raises(ConfigError, match="password") as caught:
        parse(Places, {"folder": "https://ann:secret@h/x"})
    assert "secret" not in str(caught.value)
