"""`oscine scan`: recordings -> scores, detections and the formats of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from oscine.core import Location, ScanError, is_remote, location, shown


def scan(  # noqa: PLR0913, PLR0917 - Typer makes each option of a parameter
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="BUNDLE... PATH...",
            help="Bundle folders (several are averaged), then recordings, folders, globs, URLs.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the outputs.")] = Path("scan"),
    hop: Annotated[
        float | None, typer.Option(help="From a window's start to the next, s; default: a window.")
    ] = None,
    threshold: Annotated[float, typer.Option(help="The least score that is a detection.")] = 0.5,
    smoothing: Annotated[
        str, typer.Option(help="Weights of neighbouring windows, such as .1,.2,.4,.2,.1.")
    ] = "",
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="Also write csv, raven, audacity or submission; repeatable."),
    ] = None,
    threads: Annotated[int, typer.Option(help="Windows scored at once; 0: one for each core.")] = 0,
) -> None:
    """Scan recordings with a bundle; run again, a scan that was stopped goes on."""
    from oscine.config import parse
    from oscine.infer.scan import ScanConfig
    from oscine.infer.scan import scan as run

    bundles, paths = split_bundles([location(text) for text in arguments])
    settings: dict[str, Any] = {
        "hop_s": hop,
        "threshold": threshold,
        "smoothing": parse_weights(smoothing),
        "formats": formats or [],
        "threads": threads,
    }
    result = run(bundles, paths, parse(ScanConfig, settings, where="oscine scan"), out)
    detections, findings = result.detections(), result.findings()
    typer.echo(
        f"{result.n_recordings} recordings ({result.n_scanned} scanned now), "
        f"{len(detections)} detections at {threshold:g} or above, {len(findings)} findings: {out}"
    )
    for row in findings.iter_rows(named=True):
        typer.echo(f"  {row['reason']}: {row['filepath']}: {row['detail']}")
    if result.n_recordings and findings["quarantined"].sum() == result.n_recordings:
        raise ScanError(
            "no recording could be read", where=out / "findings.parquet", fix="see the findings"
        )


def split_bundles(arguments: list[Location]) -> tuple[list[Path], list[Location]]:
    """Tell bundle folders from recordings: a bundle is local and holds a `bundle.json`.

    Raises:
        ScanError: There is no bundle, or nothing else.
    """
    local = [path for path in arguments if not is_remote(path)]
    bundles = [path for path in local if (path / "bundle.json").is_file()]
    paths = [path for path in arguments if path not in bundles]
    if not bundles:
        raise ScanError(
            "none of these is a bundle",
            where=shown(arguments[0]),
            fix="give a folder on this machine with a bundle.json",
        )
    if not paths:
        raise ScanError("nothing to scan", fix="give recordings, folders or globs too")
    return bundles, paths


def parse_weights(text: str) -> list[float]:
    """Read weights such as `.1,.2,.4,.2,.1`.

    Raises:
        ScanError: Some weight is no number.

    Example:
        >>> parse_weights("1,2,1")
        [1.0, 2.0, 1.0]
    """
    try:
        return [float(weight) for weight in text.split(",") if weight.strip()]
    except ValueError as error:
        raise ScanError(
            f"smoothing {text!r} is no list of numbers", fix="write it like .1,.2,.4,.2,.1"
        ) from error
