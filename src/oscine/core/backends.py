"""The fsspec back-ends: opening one, and one kind of error for all of them.

Each back-end fails in its own words; here they become `RemoteError`, which says whether nothing is
there, it is refused, or nobody could be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from oscine.core.errors import MissingExtraError, OscineError, RemoteError
from oscine.core.locations import WEB, shown

if TYPE_CHECKING:
    from upath import UPath

PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
}
"""What the extra `remote` brings: protocol -> package."""

LOGIN = {
    "gs": "log in (`gcloud auth application-default login`), or set FSSPEC_GS_TOKEN=anon for a "
    "public bucket",
    "s3": "set AWS_PROFILE, or the AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of someone who may "
    "read it, or FSSPEC_S3_ANON=true for a public bucket",
    "https": "put the login into ~/.netrc, or fetch it by other means and give the local path",
}
"""What to do about a refusal."""

REFUSALS = frozenset(
    {
        "PermissionError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "DefaultCredentialsError",
        "RefreshError",
    }
)
"""Errors of the back-ends, by name, that mean: not for you."""

CUT_OFF = frozenset(
    {
        "ConnectionError",
        "TimeoutError",
        "gaierror",
        "ClientConnectionError",
        "ClientPayloadError",
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
    }
)
"""Errors of the back-ends, by name, that mean: no answer, or half of one."""

PASSING = frozenset({408, 425, 429})
"""Statuses that ask for patience and say nothing of the file."""

SILENCE_S = 60.0
"""How long a web server may send nothing before it counts as unreachable."""


def file_system(url: UPath) -> Any:
    """Open the fsspec file system of a URL; its settings are fsspec's (environment, files).

    Raises:
        ImportError: Its package is not installed.
    """
    import fsspec

    options = dict(url.storage_options)
    if url.protocol in WEB:
        import aiohttp

        # aiohttp's own limit is five minutes a file, which an hour of recording may need.
        limit = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE_S, sock_read=SILENCE_S)
        options = {"client_kwargs": {"timeout": limit, "trust_env": True}} | options
    return fsspec.filesystem(url.protocol, **options)


@contextmanager
def translated(url: UPath) -> Iterator[None]:
    """Turn whatever a back-end raises into `RemoteError` or `MissingExtraError`."""
    try:
        yield
    except OscineError:
        raise
    except ImportError as error:
        if package := PACKAGES.get(url.protocol):
            raise MissingExtraError("remote", package) from error
        raise RemoteError(str(error), kind="unreachable", where=shown(url)) from error
    except Exception as error:
        raise _translation(error, url) from error


def _translation(error: Exception, url: UPath) -> RemoteError:
    where, status = shown(url), _status(error)
    kinds = {kind.__name__ for one in _chain(error) for kind in type(one).__mro__}
    # An aiohttp download that broke off carries a status of 400, of its own making.
    cut_off = bool(kinds & CUT_OFF)
    absent = status in {404, 410} or (status is None and "FileNotFoundError" in kinds)
    if absent and not cut_off:
        return RemoteError("nothing is there", kind="missing", where=where, fix="check the address")
    # gcsfs says so in words alone.
    forbidden = any(str(one).startswith("Forbidden") for one in _chain(error))
    refused = forbidden or kinds & REFUSALS or (status in range(400, 500) and status not in PASSING)
    if refused and not cut_off:
        said = f" (status {status})" if status else ""
        fix = LOGIN.get({"gcs": "gs", "s3a": "s3", "http": "https"}.get(url.protocol, url.protocol))
        return RemoteError(f"access is refused{said}", kind="refused", where=where, fix=fix)
    return RemoteError(
        f"it cannot be reached: {f'status {status}' if status and not cut_off else _said(error)}",
        kind="unreachable",
        where=where,
        fix="check the network and the address, then run again: what was fetched is kept",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those behind it; fsspec hides a lost connection behind "not found"."""
    behind: BaseException | None = error
    while behind is not None:
        yield behind
        behind = behind.__cause__ or behind.__context__


def _status(error: Exception) -> int | None:
    """Find the HTTP status that a back-end was answered with."""
    for one in _chain(error):
        for name in ("status", "code"):
            value = getattr(one, name, None)
            if isinstance(value, int) and 400 <= value < 600:
                return value
    return None


def _said(error: Exception) -> str:
    *_, last = _chain(error)
    # The texts of back-ends may hold the address, and that a key.
    text = re.sub(r"\?\S*", "?...", re.sub(r"//[^/@\s]*@", "//", str(last)))
    return f"{text or 'no answer'} ({type(last).__name__})"
