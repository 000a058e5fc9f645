"""Why a recording left a table, or deserves a look: one closed list of reason codes."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from enum import StrEnum
from functools import cache


class Reason(StrEnum):
    """A reason code, as written to `findings.parquet` and `departures.parquet`."""

    # The audit: the file itself.
    MISSING = "missing"
    """No file at the path, or it vanished while it was read."""
    UNREADABLE = "unreadable"
    """Neither decoder can open it."""
    TRUNCATED = "truncated"
    """It decodes to less audio than its header promises."""
    EMPTY = "empty"
    """It holds no audio."""
    SILENT = "silent"
    """It stays below the silence threshold throughout."""
    NON_FINITE = "non_finite"
    """It holds NaN or infinite values."""
    SHORT = "short"
    """It is shorter than the window (a warning: short clips are padded)."""
    LOW_SAMPLE_RATE = "low_sample_rate"
    """Its sample rate is below twice f_max_hz (a warning: the top bands are empty)."""
    CLIPPED = "clipped"
    """More than a thousandth of it stands at full scale (a warning)."""
    DC_OFFSET = "dc_offset"
    """Its mean is far from zero (a warning)."""
    CLIP_BEYOND_END = "clip_beyond_end"
    """The clip starts where its file has ended already."""
    CLIP_CUT = "clip_cut"
    """The clip ends after its file does (a warning: what is there of it is used)."""
    HUMAN_SPEECH = "human_speech"
    """A person talks in it (a warning; looked for if the recipe asks)."""
    UNSCANNED = "unscanned"
    """A scan with a deadline had no time for it, or for the rest of it."""
    # The merge: the row.
    EMPTY_CLIP = "empty_clip"
    """The clip has no length: it is a point, or ends before it starts."""
    EXCLUDED_LABEL = "excluded_label"
    """Its label is one that the recipe excludes, such as nocall."""
    DUPLICATE_KEY = "duplicate_key"
    """Another row has the same (xc_id, primary_label, author)."""
    DUPLICATE_BYTES = "duplicate_bytes"
    """Another file is the same byte for byte."""
    DUPLICATE_AUDIO = "duplicate_audio"
    """Another recording of its label holds all of its audio, in another file."""
    LABEL_CONFLICT = "label_conflict"
    """The same recording stands under different labels (a warning: nothing is chosen)."""
    TARGET_OVERLAP = "target_overlap"
    """The recording is in the target catalog too."""
    TARGET_RECORDIST = "target_recordist"
    """Its recordist is heard in the target too, and the recipe keeps them apart."""
    TARGET_SITE = "target_site"
    """Its site is heard in the target too, and the recipe keeps them apart."""
    CORRUPT_LIST = "corrupt_list"
    """It stands on a list of corrupt files that the recipe names."""
    RARE_CLASS = "rare_class"
    """Its class has fewer recordings than the catalog's `min_recordings`."""
    LOW_RATING = "low_rating"
    """It is rated below what the recipe asks for."""
    LICENSE = "license"
    """Its licence is one that the recipe excludes."""
    # The download: what an archive offers.
    UNIDENTIFIED = "unidentified"
    """No single species is stated: a soundscape, a hybrid, a genus, a mystery."""
    ENOUGH = "enough"
    """Its species has as many recordings as were asked for."""
    RESTRICTED = "restricted"
    """The archive does not give the file out, as for species that are at risk."""
    UNREACHABLE = "unreachable"
    """The server did not answer, or with an error, several times."""
    NOT_AUDIO = "not_audio"
    """The server sent something else, such as a web page."""


QUARANTINE: frozenset[Reason] = frozenset(
    {
        Reason.MISSING,
        Reason.UNREADABLE,
        Reason.TRUNCATED,
        Reason.EMPTY,
        Reason.SILENT,
        Reason.NON_FINITE,
        Reason.CLIP_BEYOND_END,
    }
)
"""The findings of the audit that keep a recording out of training; the others are warnings."""


@cache
def reason_words() -> Mapping[str, str]:
    """Give each reason code in words: the docstring under it.

    Example:
        >>> reason_words()["empty"]
        'It holds no audio.'
    """
    (body,) = ast.parse(inspect.getsource(Reason)).body
    assert isinstance(body, ast.ClassDef)
    return {
        ast.literal_eval(code.value): ast.literal_eval(words.value)
        for code, words in zip(body.body, body.body[1:], strict=False)
        if isinstance(code, ast.Assign) and isinstance(words, ast.Expr)
    }
