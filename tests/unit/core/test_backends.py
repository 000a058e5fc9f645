from __future__ import annotations

import socket

import aiohttp
import fsspec
import pytest

from oscine.core import MissingExtraError, RemoteError, location
from oscine.core.backends import file_system, translated


class HttpError(OSError):
    """An error of a back-end that carries a status in `code`, as gcsfs has it."""

    def __init__(self, code):
        super().__init__(f"{code} for gs://b/x?token=secret")
        self.code = code


class NoCredentialsError(Exception):
    """Named as botocore's."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileNotFoundError("x"), "missing"),
        (PermissionError("x"), "refused"),
        (NoCredentialsError("Unable to locate credentials"), "refused"),
        (OSError("Forbidden: gs://b/x"), "refused"),
        (HttpError(404), "missing"),
        (HttpError(403), "refused"),
        (HttpError(502), "unreachable"),
        (ConnectionResetError("x"), "unreachable"),
        (socket.gaierror("x"), "unreachable"),
        (TimeoutError(), "unreachable"),
        (aiohttp.ClientPayloadError("x"), "unreachable"),
        (ValueError("odd, at s3://b/x?token=secret"), "unreachable"),
    ],
)
def test_every_back_ends_errors_become_one_kind(error, kind):
    with pytest.raises(RemoteError) as caught, translated(location("s3://b/x")):
        raise error
    assert caught.value.kind == kind
    assert "secret" not in str(caught.value)


def test_a_lost_connection_behind_not_found_is_not_a_missing_file():
    """fsspec's web back-end tells of one so."""
    with pytest.raises(RemoteError) as caught, translated(location("https://h/x")):
        raise FileNotFoundError("x") from ConnectionResetError("gone")
    assert caught.value.kind == "unreachable"


@pytest.mark.parametrize(
    ("url", "hint"), [("s3://b/x", "AWS_PROFILE"), ("gs://b/x", "gcloud auth"), ("gcs://b/x", "gc")]
)
def test_a_refusal_says_how_to_log_in(url, hint):
    with pytest.raises(RemoteError, match=hint), translated(location(url)):
        raise PermissionError("x")


@pytest.mark.parametrize(("url", "package"), [("s3://b/x", "s3fs"), ("gs://b/x", "gcsfs")])
def test_a_back_end_that_is_not_installed_names_the_extra(url, package, monkeypatch):
    def absent(protocol, **options):
        raise ImportError(f"Install {package}")

    monkeypatch.setattr(fsspec, "filesystem", absent)
    with (
        pytest.raises(MissingExtraError, match=rf"{package}.*oscine\[remote\]"),
        translated(location(url)),
    ):
        file_system(location(url))


def test_our_own_errors_pass():
    with pytest.raises(RemoteError, match="mine"), translated(location("s3://b/x")):
        raise RemoteError("mine", kind="missing")


def test_a_download_over_the_web_may_take_longer_than_five_minutes():
    limit = file_system(location("https://h/x")).client_kwargs["timeout"]
    assert (limit.total, limit.sock_read) == (None, 60.0)
