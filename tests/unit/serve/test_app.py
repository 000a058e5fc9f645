from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from oscine.core import BundleError
from oscine.infer import Recogniser, ScoringConfig, load
from oscine.serve.app import ServeConfig, create_app
from synthetic import make_bundle, make_recording


@pytest.fixture
def recogniser(tmp_path: Path) -> Recogniser:
    return load(make_bundle(tmp_path / "bundle").path)


@pytest.fixture
def client(recogniser: Recogniser) -> TestClient:
    return TestClient(create_app(recogniser, ServeConfig(max_upload_mb=1)))


def test_the_page_is_served(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>oscine</title>" in answer.text


def test_health_names_the_bundle(client: TestClient) -> None:
    health = client.get("/health").json()
    assert {key: health[key] for key in ("status", "bundle", "n_species", "window_s")} == {
        "status": "ok",
        "bundle": "tiny",
        "n_species": 3,
        "window_s": 1.0,
    }


@pytest.mark.parametrize("suffix", ["wav", "ogg", "mp3"])
def test_a_scan_answers_what_the_recogniser_hears(
    client: TestClient, recogniser: Recogniser, tmp_path: Path, suffix: str
) -> None:
    path = make_recording(tmp_path / f"a.{suffix}", 3.0)
    query = {"threshold": 0.6, "hop_s": 0.5}
    answer = client.post("/scan", params=query, files={"recording": (path.name, path.read_bytes())})
    assert answer.status_code == 200
    reply = answer.json()
    expected = recogniser.scan(path, ScoringConfig(hop_s=0.5, threshold=0.6)).drop(
        "filepath", "filename"
    )
    assert reply["filename"] == path.name
    assert reply["detections"] == expected.to_dicts()


def test_a_scan_dates_detections_by_the_recording_s_name(
    client: TestClient, tmp_path: Path
) -> None:
    path = make_recording(tmp_path / "20240501_043000.wav", 3.0)
    files = {"recording": (path.name, path.read_bytes())}
    found = client.post("/scan", params={"threshold": 0.1}, files=files).json()["detections"]
    assert {row["recorded_at"]: row["start_s"] for row in found} == {
        "2024-05-01T04:30:00": 0.0,
        "2024-05-01T04:30:01": 1.0,
        "2024-05-01T04:30:02": 2.0,
    }


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty"), (b"no audio", "unreadable")], ids=["empty", "text"]
)
def test_a_bad_recording_is_a_typed_error_without_server_paths(
    client: TestClient, content: bytes, reason: str
) -> None:
    answer = client.post("/scan", files={"recording": ("../../etc/a.ogg", content)})
    assert answer.status_code == 422
    assert (answer.json()["error"], answer.json()["reason"]) == ("AudioError", reason)
    assert "/tmp" not in answer.text


def test_a_recording_that_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/scan", files={"recording": ("a.wav", b"0" * 1_000_001)})
    assert answer.status_code == 413
    assert answer.json()["error"] == "UploadTooLargeError"


@pytest.mark.parametrize("query", [{"threshold": 2}, {"hop_s": 0}, {"threshold": "high"}], ids=str)
def test_a_bad_setting_is_refused(client: TestClient, query: dict[str, object]) -> None:
    answer = client.post("/scan", params=query, files={"recording": ("a.wav", b"0")})
    assert answer.status_code == 422


def test_an_app_needs_a_whole_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        create_app(tmp_path)
