"""`oscine serve`: a page on this machine to drop a recording on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oscine.core import MissingExtraError


def serve(
    bundle: Annotated[Path, typer.Argument(help="Bundle folder.", show_default=False)],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    max_upload_mb: Annotated[int, typer.Option(help="The largest recording taken, MB.")] = 500,
) -> None:
    """Serve a bundle: a page, and POST /scan for programs."""
    try:
        import uvicorn

        from oscine.serve import ServeConfig, create_app
    except ModuleNotFoundError as error:
        raise MissingExtraError("serve", str(error.name)) from error
    app = create_app(bundle, ServeConfig(max_upload_mb=max_upload_mb))
    typer.echo(f"http://{host}:{port}")
    uvicorn.run(app, host=host, port=port, log_level="warning")
