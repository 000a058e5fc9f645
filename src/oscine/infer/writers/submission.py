"""Scores in BirdCLEF's form: `submission.csv`, a row for each five seconds.

A row of scores is the mean of the windows that overlap it, weighted by how long they do, so that
windows of ten seconds fill both rows that they cover. In the forms that ask for a yes or for names
a species is in a row when its detections cover at least half of the row.

What the model cannot score is filled so that it changes no ranking among the rest: a species that
it does not know is 0 in every row; a row that was not scanned has each species' mean over the rows
that were; in the other forms it is `False` or `nocall`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import multimode

import numpy as np
import polars as pl

from oscine.audio import decode
from oscine.core import AudioError, RemoteError, ScanError, location
from oscine.infer.postprocess import row_means
from oscine.infer.result import ScanResult
from oscine.infer.writers.outputs import output
from oscine.infer.writers.submission_rows import ROW_S, Template, lay_out, read_template

log = logging.getLogger("oscine")

OUTPUT = "submission.csv"

NOCALL = "nocall"
"""What stands for no bird in the forms of 2020 and 2021."""


class Submission:
    """A submission that is being filled, recording by recording, and can be written at any time.

    Args:
        codes: Species codes of the model, in the order of its scores.
        recordings: Filepath -> length, s; what is to be scanned.
        template: What asks for the rows; None: rows of the recordings, in the form since 2023.

    Raises:
        ScanError: Two recordings have one name, or the model knows no species of the template.
    """

    def __init__(
        self,
        codes: Sequence[str],
        recordings: Mapping[str, float],
        template: Template | None = None,
    ) -> None:
        self.codes = list(codes)
        self.kind = "scores" if template is None else template.kind
        self.rows = lay_out(template, recordings, codes)
        self.columns = list(codes if template is None else template.columns)
        asked = self.columns if self.kind == "scores" else self.rows["species_code"].drop_nulls()
        self.asked = list(dict.fromkeys(asked))
        self.unknown = [code for code in self.asked if code not in set(codes)]
        _refuse_strangers(codes, self.asked, self.unknown)
        self._places = {
            filepath: table["place"].to_numpy()
            for (filepath,), table in self.rows.with_row_index("place")
            .filter(pl.col("filepath").is_not_null())
            .group_by("filepath")
        }
        n_values = len(codes) if self.kind == "scores" else 0
        self._scores = np.full((len(self.rows), n_values), np.nan, dtype=np.float32)
        self._heard: dict[int, list[str]] = {}

    def add(self, filepath: str, scores: pl.DataFrame, detections: pl.DataFrame) -> None:
        """Fill the rows of a recording.

        Args:
            filepath: The recording; one that has no row is passed over.
            scores: Its scores: start_s, end_s, one column a species code.
            detections: Its detections.
        """
        places = self._places.get(filepath)
        if places is None or scores.is_empty():
            return
        row_start = self.rows["start_s"].to_numpy()[places]
        scanned_s = scores["end_s"].to_numpy().max()
        row_end = np.minimum(self.rows["end_s"].to_numpy()[places], scanned_s)
        inside = row_start < row_end
        if self.kind == "scores":
            start_s, end_s = scores["start_s"].to_numpy(), scores["end_s"].to_numpy()
            values = scores.select(self.codes).to_numpy()
            means = row_means(start_s, end_s, values, row_start[inside], ROW_S)
            self._scores[places[inside]] = means
            return
        for place, start, end in zip(places, row_start, row_end, strict=True):
            self._heard[int(place)] = heard(detections, start, end)

    def table(self) -> pl.DataFrame:
        """Make the whole submission as it stands; what is not filled yet has its default."""
        row_ids = self.rows["row_id"]
        if self.kind == "scores":
            filled = ~np.isnan(self._scores)
            n = np.maximum(filled.sum(axis=0), 1)
            means = np.where(filled, self._scores, 0.0).sum(axis=0, dtype=np.float64) / n
            scores = np.where(filled, self._scores, means.astype(np.float32))
            known = {code: scores[:, index] for index, code in enumerate(self.codes)}
            nothing = np.zeros(len(row_ids), dtype=np.float32)
            return pl.DataFrame(
                {"row_id": row_ids, **{one: known.get(one, nothing) for one in self.columns}}
            )
        names = [self._heard.get(place, []) for place in range(len(row_ids))]
        if self.kind == "target":
            asked = self.rows["species_code"].to_list()
            values = [str(code in here) for code, here in zip(asked, names, strict=True)]
        else:
            birds = [sorted(set(here) - {NOCALL}) for here in names]
            values = [" ".join(here) or NOCALL for here in birds]
        return pl.DataFrame({"row_id": row_ids, self.columns[0]: values})

    def write(self, folder: Path) -> None:
        """Write `submission.csv` as it stands, atomically, into a scan's folder.

        Raises:
            ScanError: A file of this name is there that the scan did not write.
        """
        with output(folder, OUTPUT) as partial:
            self.table().write_csv(partial)


def _refuse_strangers(codes: Sequence[str], asked: Sequence[str], unknown: Sequence[str]) -> None:
    if asked and len(unknown) == len(asked):
        raise ScanError(
            f"the model knows none of the {len(asked)} species that are asked for",
            where=f"{', '.join(asked[:3])} and so on",
            fix=f"it knows {', '.join(codes[:3])} and so on: give the competition's own bundle",
        )


def heard(detections: pl.DataFrame, start_s: float, end_s: float) -> list[str]:
    """List the species whose detections cover at least half of a stretch of their recording.

    A whole recording is no such stretch: every species that is detected in it counts.
    """
    if end_s - start_s > ROW_S:
        return detections["species_code"].unique().to_list()
    start = pl.col("start_s").clip(lower_bound=start_s)
    end = pl.col("end_s").clip(upper_bound=end_s)
    # Overlapping detections of one species are counted once: each only from where the last ended.
    begun = pl.max_horizontal(start, end.cum_max().shift(1).over("species_code"))
    inside = detections.filter(pl.col("start_s") < end_s, pl.col("end_s") > start_s)
    covered = inside.sort("start_s").select(
        "species_code", length=(end - begun).clip(lower_bound=0.0)
    )
    total = covered.group_by("species_code", maintain_order=True).agg(pl.col("length").sum())
    # A microsecond of tolerance: window times are multiples of the hop only to rounding.
    enough = total.filter(pl.col("length") >= (end_s - start_s) / 2 - 1e-6)
    return enough["species_code"].to_list()


def check(result: ScanResult) -> None:
    """Refuse, before anything is scanned, what could not be written; tell what stays empty.

    Raises:
        ScanError: The template is missing or of no known form, the model knows none of its species,
            or two recordings have one name.
    """
    submission = _open(result, dict.fromkeys(result.recordings, float(ROW_S)))
    if unknown := submission.unknown:
        log.warning(
            "submission: %d of %d species are unknown to the model, and nowhere heard: %s",
            len(unknown),
            len(submission.asked),
            ", ".join(unknown[:10]) + (", ..." if len(unknown) > 10 else ""),
        )


def write(result: ScanResult) -> None:
    """Write `submission.csv` of a finished scan."""
    scores, found = result.scores().collect(), result.detections()
    ends = scores.group_by("filepath").agg(pl.col("end_s").max())
    broken = set(result.findings()["filepath"])
    whole = {path: end_s for path, end_s in ends.iter_rows() if path not in broken}
    submission = _open(result, dict(_lengths(result.recordings, whole)))
    detections = dict(found.partition_by("filepath", as_dict=True))
    for (filepath,), table in scores.group_by("filepath", maintain_order=True):
        here = detections.get((filepath,), found.clear())
        submission.add(str(filepath), table, here)
    submission.write(result.folder)


def _open(result: ScanResult, recordings: Mapping[str, float]) -> Submission:
    path = result.sample_submission
    template = None if path is None else read_template(path)
    return Submission([one.species_code for one in result.species], recordings, template)


def _lengths(recordings: Sequence[str], whole: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Give each recording's length, s.

    Of one that was not scanned to its end it is what its header says, or what most others have.
    """
    (usual, *_) = multimode(whole.values()) or [float(ROW_S)]
    for filepath in recordings:
        if filepath in whole:
            yield filepath, whole[filepath]
            continue
        try:
            yield filepath, decode.probe(location(filepath)).duration_s
        except (AudioError, RemoteError, OSError):
            yield filepath, usual
