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
from numpy.typing import NDArray

from oscine.audio import decode
from oscine.core import AudioError, ScanError, is_remote, location
from oscine.infer.postprocess import row_means
from oscine.infer.result import ScanResult
from oscine.infer.tables import Rows
from oscine.infer.writers.outputs import output
from oscine.infer.writers.submission_lines import Lines, Passage, quoted, score_cells
from oscine.infer.writers.submission_rows import (
    ROW_S,
    Template,
    heard,
    lay_out,
    match_recordings,
    n_rows,
    read_template,
)

log = logging.getLogger("oscine")

OUTPUT = "submission.csv"

NOCALL = "nocall"
"""What stands for no bird in the forms of 2020 and 2021."""


class Submission:
    """A submission that is being filled, recording by recording, and can be written at any time.

    Args:
        codes: Species codes of the model, in the order of its scores.
        recordings: Filepath -> length, s; what is to be scanned. None where nobody can tell: it is
            taken to be as long as most of those that are scanned to their end.
        template: What asks for the rows; None: rows of the recordings, in the form since 2023.
        folder: Where lines are kept meanwhile; None: among the system's temporary files.

    Raises:
        ScanError: Two recordings have one name, or the model knows no species of the template.
    """

    def __init__(
        self,
        codes: Sequence[str],
        recordings: Mapping[str, float | None],
        template: Template | None = None,
        folder: Path | None = None,
    ) -> None:
        self.codes = list(codes)
        self.kind = "scores" if template is None else template.kind
        self.columns = list(codes if template is None else template.columns)
        self._own = {code: place for place, code in enumerate(codes)}
        self._template = template
        self._lengths_s = dict(recordings)
        self._whole_s: dict[str, float] = {}
        rows = lay_out(template, {one: s or ROW_S for one, s in recordings.items()}, codes)
        asked = self.columns if self.kind == "scores" else rows["species_code"].drop_nulls()
        self.asked = list(dict.fromkeys(asked))
        self.unknown = [code for code in self.asked if code not in set(codes)]
        _refuse_strangers(codes, self.asked, self.unknown)
        runs = rows.with_columns(run=pl.col("filepath").rle_id()).partition_by("run")
        self._passages = [Passage(run) for run in runs]
        self._places: dict[str | None, list[int]] = {}
        for place, passage in enumerate(self._passages):
            self._places.setdefault(passage.filepath, []).append(place)
        self._lays_own = template is None or not match_recordings(template, recordings)
        self._lines = Lines(folder)

    def add(self, rows: Rows, detections: pl.DataFrame, is_whole: bool = True) -> None:
        """Fill the rows of a recording; what it was filled with before is replaced.

        Args:
            rows: Its scores, in the order of the codes; one that has no row is passed over.
            detections: Its detections; no matter where `kind` is "scores".
            is_whole: Whether it was scanned to its end, which then tells its length.
        """
        if not len(rows):
            return
        scanned_s = float(rows.end_s[-1])
        if is_whole:
            self._whole_s[rows.filepath] = scanned_s
            self._set_length(rows.filepath, scanned_s)
        for place in self._places.get(rows.filepath, []):
            passage = self._passages[place]
            row_end_s = np.minimum(passage.end_s, scanned_s)
            inside = passage.start_s < row_end_s
            if self.kind == "scores":
                row_start_s = passage.start_s[inside]
                means = row_means(rows.start_s, rows.end_s, rows.scores, row_start_s, ROW_S)
                passage.totals = means.sum(axis=0, dtype=np.float64)
                values = self._cells(means)
            else:
                spans = zip(passage.start_s[inside], row_end_s[inside], strict=True)
                named = [heard(detections, start_s, end_s) for start_s, end_s in spans]
                values = self._words(np.array(passage.codes)[inside].tolist(), named)
            self._lines.fill(passage, inside, values)

    def _cells(self, means: NDArray[np.float32]) -> list[bytes]:
        """Write scores of the model's species into the columns that are asked for."""
        asked = np.zeros((len(means), len(self.columns)), dtype=np.float32)
        for place, code in enumerate(self.columns):
            if (own := self._own.get(code)) is not None:
                asked[:, place] = means[:, own]
        return score_cells(asked)

    def _words(self, codes: Sequence[str], named: Sequence[Sequence[str]]) -> list[bytes]:
        if self.kind == "target":
            return [str(code in here).encode() for code, here in zip(codes, named, strict=True)]
        birds = [" ".join(sorted(set(here) - {NOCALL})) for here in named]
        return [quoted(here or NOCALL).encode() for here in birds]

    def _set_length(self, filepath: str, length_s: float) -> None:
        """Give a recording the rows that its length asks for, where no template asks for others."""
        before_s, self._lengths_s[filepath] = self._lengths_s.get(filepath), length_s
        if self._lays_own and n_rows(before_s or ROW_S) != n_rows(length_s):
            (place,) = self._places[filepath]
            rows = lay_out(self._template, {filepath: length_s}, self.codes)
            self._passages[place] = Passage(rows)

    def clear(self) -> None:
        """Forget what was filled; every recording is to be added again."""
        self._lines.clear()

    def lines(self) -> Iterator[bytes]:
        """Give the whole file as it stands; a row that is not filled yet has its default."""
        unknown = [one for one, length_s in self._lengths_s.items() if length_s is None]
        if unknown and self._whole_s:
            usual_s = multimode(self._whole_s.values())[0]
            for filepath in unknown:
                self._set_length(filepath, usual_s)
                self._lengths_s[filepath] = None  # another may be usual in the end
        yield pl.DataFrame(schema=["row_id", *self.columns]).write_csv().encode()
        yield from self._lines.read(self._passages, self._unfilled())

    def _unfilled(self) -> bytes:
        if self.kind != "scores":
            return self._words([""], [[]])[0]
        totals, n = np.zeros(len(self.codes)), 0
        for passage in self._passages:
            if len(passage.totals):
                totals += passage.totals
                n += int((passage.lengths > 0).sum())
        return self._cells((totals / max(n, 1)).astype(np.float32)[None])[0]

    def write(self, folder: Path) -> None:
        """Write `submission.csv` as it stands, atomically, into a scan's folder.

        Raises:
            ScanError: A file of this name is there that the scan did not write.
        """
        with output(folder, OUTPUT) as partial, partial.open("wb") as file:
            file.writelines(self.lines())


def _refuse_strangers(codes: Sequence[str], asked: Sequence[str], unknown: Sequence[str]) -> None:
    if asked and len(unknown) == len(asked):
        raise ScanError(
            f"the model knows none of the {len(asked)} species that are asked for",
            where=f"{', '.join(asked[:3])} and so on",
            fix=f"it knows {', '.join(codes[:3])} and so on: give the competition's own bundle",
        )


def check(result: ScanResult) -> None:
    """Refuse, before anything is scanned, what could not be written; tell what stays empty.

    Raises:
        ScanError: The template is missing or of no known form, the model knows none of its species,
            or two recordings have one name.
    """
    submission = _open(result, dict.fromkeys(result.recordings))
    if unknown := submission.unknown:
        log.warning(
            "submission: %d of %d species are unknown to the model, and nowhere heard: %s",
            len(unknown),
            len(submission.asked),
            ", ".join(unknown[:10]) + (", ..." if len(unknown) > 10 else ""),
        )


def write(result: ScanResult) -> None:
    """Write `submission.csv` of a finished scan."""
    submission = begin(result)
    found = dict(result.detections().partition_by("filepath", as_dict=True))
    broken, none = set(result.findings()["filepath"]), result.detections().clear()
    for (filepath,), table in result.scores().collect().group_by("filepath", maintain_order=True):
        start_s, end_s = (table[name].to_numpy() for name in ("start_s", "end_s"))
        rows = Rows(str(filepath), start_s, end_s, table.select(submission.codes).to_numpy())
        submission.add(rows, found.get((filepath,), none), filepath not in broken)
    submission.write(result.folder)


def begin(result: ScanResult) -> Submission:
    """Begin the submission of a scan; the lengths of its recordings are what their headers say."""
    lengths_s = {one: _length_s(one) for one in result.recordings}
    return _open(result, lengths_s, result.folder)


def _open(
    result: ScanResult, recordings: Mapping[str, float | None], folder: Path | None = None
) -> Submission:
    path = result.sample_submission
    template = None if path is None else read_template(path)
    return Submission([one.species_code for one in result.species], recordings, template, folder)


def _length_s(filepath: str) -> float | None:
    """Read a recording's length from its header; None: it is not here, or does not tell."""
    place = location(filepath)
    if is_remote(place):
        return None
    try:
        return decode.probe(place).duration_s or None
    except (AudioError, OSError):
        return None
