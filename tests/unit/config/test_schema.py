import pytest
from pydantic import ValidationError

from oscine.config import Config


class Inner(Config):
    value: int = 1


def test_a_config_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Inner().value = 2


def test_equal_settings_have_equal_fingerprints_and_others_do_not():
    assert Inner(value=1).fingerprint() == Inner().fingerprint() != Inner(value=2).fingerprint()
