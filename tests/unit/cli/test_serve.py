from __future__ import annotations

import builtins

import pytest
import uvicorn
from fastapi.testclient import TestClient

from synthetic import make_bundle


@pytest.fixture
def served(oscine, monkeypatch, tmp_path):
    """Runs `oscine serve` with a server that only notes what it shall serve."""
    notes = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: notes.update(app=app, **options))
    make_bundle(tmp_path / "bundle")

    def call(*options):
        notes["said"] = oscine("serve", tmp_path / "bundle", *options)
        return notes

    return call


def test_a_bundle_is_served_on_this_machine_alone_by_default(served):
    notes = served()
    assert notes["said"].status == 0
    assert notes["said"].out == "http://127.0.0.1:8000\n"
    assert (notes["host"], notes["port"]) == ("127.0.0.1", 8000)


def test_the_page_is_there(served):
    with TestClient(served()["app"]) as client:
        assert client.get("/").status_code == 200


def test_address_port_and_limit_can_be_chosen(served):
    notes = served("--host", "0.0.0.0", "--port", "9000", "--max-upload-mb", "1")
    assert (notes["host"], notes["port"]) == ("0.0.0.0", 9000)
    with TestClient(notes["app"]) as client:
        files = {"recording": ("a.wav", b"0" * 1_100_000)}
        assert client.post("/scan", files=files).status_code == 413


def test_a_folder_that_is_no_bundle_is_one_message(oscine, tmp_path):
    said = oscine("serve", tmp_path)
    assert said.status == 2
    assert said.err.count("error: ") == 1


def test_the_part_of_oscine_that_it_needs_is_named(oscine, tmp_path, monkeypatch):
    imported = builtins.__import__

    def without(name, *rest):
        if name == "uvicorn":
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    said = oscine("serve", tmp_path)
    assert said.status == 2
    assert "pip install 'oscine[serve]'" in said.err
