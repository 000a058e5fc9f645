"""The FastAPI app: GET / (a page), POST /scan (a recording -> detections), GET /health."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import FastAPI, File, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from oscine import __version__
from oscine.audio.clock import in_name
from oscine.config import Config
from oscine.core import AudioError, OscineError
from oscine.infer import Recogniser, ScoringConfig, load
from oscine.serve.page import render_page


class ServeConfig(Config):
    """Settings of the server."""

    max_upload_mb: int = Field(default=500, gt=0)
    """The largest recording that is taken, MB (1e6 bytes)."""
    threads: int = Field(default=0, ge=0)
    """How many windows of a recording are scored at once; 0: one for each core."""


class Detection(BaseModel):
    """One species heard in one window."""

    start_s: float
    end_s: float
    recorded_at: datetime | None
    species_code: str
    scientific_name: str
    common_name: str
    score: float


class ScanReply(BaseModel):
    """What POST /scan answers."""

    filename: str
    threshold: float
    detections: list[Detection]


class Health(BaseModel):
    """What GET /health answers."""

    status: str
    version: str
    bundle: str
    n_species: int
    window_s: float


class UploadTooLargeError(OscineError):
    """A recording that is larger than the server takes."""


def create_app(bundle: Path | Recogniser, config: ServeConfig | None = None) -> FastAPI:
    """Make the app for one bundle.

    Args:
        bundle: The bundle's folder, or a recogniser that is open already.
        config: Settings.

    Returns:
        An ASGI app. An `OscineError` in a request is answered with status 422 (413 for an upload
        that is too large) and `{"error": kind, "what": ..., "fix": ..., "reason": ...}`.

    Raises:
        BundleError: The bundle is incomplete, or does not score as it was trained.
    """
    config = config or ServeConfig()
    recogniser = bundle if isinstance(bundle, Recogniser) else load(bundle, threads=config.threads)
    app = FastAPI(title="oscine", version=__version__)
    app.add_exception_handler(OscineError, _answer_error)

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        return render_page(recogniser)

    @app.get("/health")
    def health() -> Health:
        return _health(recogniser)

    # A plain function: FastAPI runs it on a thread, so a scan does not hold up other requests.
    @app.post("/scan")
    def scan(
        recording: Annotated[UploadFile, File(description="An audio file.")],
        threshold: Annotated[float, Query(ge=0.0, le=1.0)] = 0.5,
        hop_s: Annotated[float | None, Query(gt=0.0)] = None,
    ) -> ScanReply:
        with _stored(recording, config.max_upload_mb * 1_000_000) as path:
            found = recogniser.scan(path, ScoringConfig(hop_s=hop_s, threshold=threshold))
        rows = [Detection(**row) for row in found.drop("filepath", "filename").to_dicts()]
        return ScanReply(filename=recording.filename or "", threshold=threshold, detections=rows)

    return app


def _health(recogniser: Recogniser) -> Health:
    ensemble = recogniser.ensemble
    return Health(
        status="ok",
        version=__version__,
        bundle=ensemble.predictors[0].bundle.info.name,
        n_species=len(ensemble.species),
        window_s=ensemble.n_samples / ensemble.sample_rate,
    )


@contextmanager
def _stored(recording: UploadFile, max_bytes: int) -> Iterator[Path]:
    """Keep an upload as a file while it is scanned, under a name of our own."""
    if recording.size is not None and recording.size > max_bytes:
        raise UploadTooLargeError(
            f"the recording has {recording.size / 1e6:.1f} MB, more than {max_bytes / 1e6:.0f} MB",
            fix="cut it, or scan it with `oscine scan`",
        )
    # Of its name the server keeps what dates the recording, and nothing that could lead elsewhere.
    began = in_name(recording.filename or "")
    name = "recording" if began is None else f"recording_{began:%Y%m%d_%H%M%S}"
    with TemporaryDirectory(prefix="oscine-") as folder:
        path = Path(folder) / name
        with path.open("wb") as stream:
            shutil.copyfileobj(recording.file, stream)
        yield path


def _answer_error(_: Request, error: Exception) -> JSONResponse:
    """Say what is wrong and what to do, without naming places on the server."""
    if not isinstance(error, OscineError):
        raise error
    status = 413 if isinstance(error, UploadTooLargeError) else 422
    content = {
        "error": type(error).__name__,
        "what": error.what,
        "fix": error.fix,
        "reason": str(error.reason) if isinstance(error, AudioError) else None,
    }
    return JSONResponse(content, status_code=status)
