"""Every page that oscine makes, of one tiny run and what can be made of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from oscine.pipeline import make_gallery
from oscine.pipeline.scan_evaluation import AnnotatedScan, evaluate_scan
from oscine.report import (
    build_catalog_report,
    build_comparison,
    build_gallery_page,
    build_report,
    build_scan_evaluation,
    compare,
)
from oscine.serve import create_app
from tiny_run import settle

FILES = ("run", "catalog", "comparison", "gallery", "scan")
"""Pages that are files."""

SERVED = "serve"
"""The page of a server."""


def make_files(home: Path) -> dict[str, Path]:
    """Make the pages that are files.

    Returns:
        Each page by its name, and as `bundle` and `recording` what a server is tried with.
    """
    tiny = settle(home)
    tiny.run("compare_naive=false")
    recipe = tiny.recipe()
    labels = tiny.chorus / "year_b" / "train_soundscapes_labels.csv"
    evaluate_scan(AnnotatedScan(tiny.path / "scan", labels), home / "scan")
    make_gallery(recipe, [], home / "gallery")
    other = tiny.copied(home / "a-run-with-a-name-that-is-longer-than-a-phone-is-wide")
    return {
        "run": build_report(tiny.path),
        "catalog": build_catalog_report(tiny.path),
        "comparison": build_comparison(
            compare([f"{tiny.path}:baseline", tiny.path, other.path], n_draws=20),
            home / "comparison",
        ),
        "gallery": build_gallery_page(home / "gallery"),
        "scan": build_scan_evaluation(home / "scan"),
        "bundle": tiny.path / "bundle" / "fold-0",
        "recording": next((tiny.chorus / "year_b" / "train_soundscapes").iterdir()),
    }


@contextmanager
def served(bundle: Path) -> Iterator[str]:
    """Serve a bundle from a thread; gives the page's address."""
    settings = uvicorn.Config(create_app(bundle), port=0, log_level="warning", ws="none")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join()
