"""`oscine scan`: recordings -> scores, detections and the formats of other programs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oscine.core import Location, ScanError, is_remote, location, shown

if TYPE_CHECKING:
    from oscine.infer import ScanResult

TERMINATED = 143
"""Exit status of a scan that wrote its outputs because it was asked to end (128 + SIGTERM)."""

LISTED = 5
"""Findings of a kind that the terminal lists; the table has all."""

Arguments = Annotated[
    list[str],
    typer.Argument(
        metavar="BUNDLE... PATH...",
        help="Bundle folders (several are averaged), then recordings, folders, globs, URLs.",
        show_default=False,
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for the outputs.")]
Hop = Annotated[
    float | None, typer.Option(help="From a window's start to the next, s; default: a window.")
]
Shifts = Annotated[
    str, typer.Option(help="Hear each window again at these shifts, s, such as -2,2.")
]
AverageBy = Annotated[
    str, typer.Option("--average", help="Of several bundles: mean, rank, geometric or min.")
]
Row = Annotated[
    float | None,
    typer.Option(help="Length of a row of scores, s, averaged over windows; default: a window."),
]
Smoothing = Annotated[
    str, typer.Option(help="Weights of neighbouring rows, such as .1,.2,.4,.2,.1.")
]
FilePrior = Annotated[
    str, typer.Option(help="Multiply scores by the recording's mean or max, or none.")
]
Threshold = Annotated[
    float, typer.Option(help="The least score that is a detection; a bundle's own count first.")
]
OneThreshold = Annotated[
    bool, typer.Option("--one-threshold", help="Ignore thresholds that bundles state.")
]
Calibrate = Annotated[
    bool, typer.Option("--calibrate", help="Write probabilities where a bundle has calibration.")
]
Merge = Annotated[
    float | None,
    typer.Option(help="Detections with at most this between them, s, become one event."),
]
MinEvent = Annotated[float, typer.Option(help="The least length of an event, s.")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        help="Also write csv, jsonl, raven, audacity, kaleidoscope or submission; repeatable.",
    ),
]
SampleSubmission = Annotated[
    Path | None,
    typer.Option(help="The competition's sample_submission.csv: rows and columns to fill."),
]
Deadline = Annotated[
    str, typer.Option(help="Be done within this time, such as 110m, 90s or 1h30m, with what fits.")
]
Threads = Annotated[int, typer.Option(help="Windows scored at once; 0: one for each core.")]


def scan(  # noqa: PLR0913, PLR0917 - Typer makes each option of a parameter
    arguments: Arguments,
    out: Out = Path("scan"),
    hop: Hop = None,
    shifts: Shifts = "",
    average: AverageBy = "mean",
    row: Row = None,
    smoothing: Smoothing = "",
    file_prior: FilePrior = "none",
    threshold: Threshold = 0.5,
    one_threshold: OneThreshold = False,
    calibrate: Calibrate = False,
    merge: Merge = None,
    min_event: MinEvent = 0.0,
    formats: Formats = None,
    sample_submission: SampleSubmission = None,
    deadline: Deadline = "",
    threads: Threads = 0,
) -> None:
    """Scan recordings with a bundle; run again, a scan that was stopped goes on."""
    started_s = time.monotonic() - process_age_s()
    from oscine.config import parse
    from oscine.infer.config import ScanConfig
    from oscine.infer.deadline import parse_duration
    from oscine.infer.scan import scan as run
    from oscine.model.bundle import read_bundle

    bundles, paths = split_bundles([location(text) for text in arguments])
    settings: dict[str, Any] = {
        "hop_s": hop,
        "threshold": threshold,
        "smoothing": parse_numbers(smoothing),
        "shifts_s": parse_numbers(shifts),
        "average": average,
        "row_s": row,
        "file_prior": file_prior,
        "bundle_thresholds": not one_threshold,
        "calibrate": calibrate,
        "merge_gap_s": merge,
        "min_event_s": min_event,
        "formats": formats or [],
        "sample_submission": sample_submission,
        "deadline_s": parse_duration(deadline) if deadline else None,
        "threads": threads,
    }
    config = parse(ScanConfig, settings, where="oscine scan")
    result = run(bundles, paths, config, out, started_s)
    own = config.bundle_thresholds and config.keeps_scale
    _print(
        result, config.threshold, own and any(read_bundle(path).info.thresholds for path in bundles)
    )
    if result.is_stopped:
        raise typer.Exit(TERMINATED)


def _print(result: ScanResult, threshold: float, by_class: bool) -> None:
    """Sum a scan up; `by_class`: the bundles' thresholds count where there are any.

    Raises:
        ScanError: No recording could be read.
    """
    detections, findings = result.detections(), result.findings()
    limit = f"{threshold:g} or above" + (", or as the bundle says of the class" if by_class else "")
    typer.echo(
        f"{result.n_recordings} recordings ({result.n_scanned} scanned now), {len(detections)} "
        f"detections at {limit}, {len(findings)} findings: {result.folder}"
    )
    if result.left_out:
        counted = [f"{what} in {n}" for what, n in result.left_out.items()]
        typer.echo(f"  left out for want of time: {', '.join(counted)} recordings")
    unread = findings.filter(findings["reason"] != "unscanned")
    for (reason,), rows in unread.group_by("reason", maintain_order=True):
        for finding in rows.head(LISTED).iter_rows(named=True):
            typer.echo(f"  {reason}: {finding['filepath']}: {finding['detail']}")
        if len(rows) > LISTED:
            more = result.folder / "findings.parquet"
            typer.echo(f"  {reason}: {len(rows) - LISTED} more, see {more}")
    if result.n_recordings and unread["quarantined"].sum() == result.n_recordings:
        raise ScanError(
            "no recording could be read",
            where=result.folder / "findings.parquet",
            fix="see the findings",
        )


def process_age_s() -> float:
    """Tell how long this process has been running, s: starting up counts towards a deadline.

    Where the system does not tell, it is the processor time so far.
    """
    try:
        after_name = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2]
        begun_s = int(after_name.split()[19]) / os.sysconf("SC_CLK_TCK")
        age_s = float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0]) - begun_s
    except (OSError, ValueError, IndexError):
        age_s = 0.0
    return max(time.process_time(), age_s)


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


def parse_numbers(text: str) -> list[float]:
    """Read numbers such as `.1,.2,.4,.2,.1`.

    Raises:
        ScanError: Some part is no number.

    Example:
        >>> parse_numbers("1,2,1")
        [1.0, 2.0, 1.0]
    """
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ScanError(
            f"{text!r} is no list of numbers", fix="write it like .1,.2,.4,.2,.1"
        ) from error
