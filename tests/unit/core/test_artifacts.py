import json

import pytest

from oscine.core import (
    ArtifactError,
    atomic_path,
    fingerprint,
    hash_file,
    read_json,
    write_json,
    write_text,
)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(FileNotFoundError), atomic_path(path) as partial:
        partial.write_text((tmp_path / "absent").read_text())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_only_as_a_whole(tmp_path):
    path = tmp_path / "bundle"
    for number in (1, 2):
        with atomic_path(path) as partial:
            partial.mkdir()
            (partial / f"{number}").touch()
    assert [item.name for item in path.iterdir()] == ["2"]
    assert list(tmp_path.iterdir()) == [path]


def test_json_refuses_nan_and_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_missing_or_damaged_json_file_is_a_typed_error(tmp_path):
    with pytest.raises(ArtifactError, match="missing"):
        read_json(tmp_path / "a.json")
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ArtifactError, match="damaged"):
        read_json(tmp_path / "a.json")


def test_numbers_survive_json_to_the_last_bit(tmp_path):
    value = {"loss": 0.1 + 0.2, "n": 2**53}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value


def test_a_fingerprint_does_not_depend_on_the_order_of_keys():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint(json.loads('{"b": [2], "a": 1}'))
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_equal_bytes_have_equal_hashes(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    (tmp_path / "b").write_bytes(b"x" * 3_000_000)
    (tmp_path / "c").write_bytes(b"x" * 3_000_001)
    assert hash_file(tmp_path / "a") == hash_file(tmp_path / "b") != hash_file(tmp_path / "c")
