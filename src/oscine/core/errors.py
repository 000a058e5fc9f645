"""The one tree of errors that oscine raises on purpose.

Every error says what is wrong, where, and what to do about it::

    OscineError
    ├── ConfigError          a recipe or option that cannot be used
    ├── CatalogError         a table that breaks its contract
    │   ├── SourceError      a catalog whose table or audio folder is not what its kind promises
    │   ├── LabelError       a label that the class list or taxonomy does not know
    │   └── LeakError        a split with one group on both sides
    ├── DownloadError        an archive that does not answer, or a folder that takes no files
    ├── AudioError           a recording that cannot be used; carries a reason code
    ├── FeatureError         front-end parameters that make no spectrogram
    ├── ModelError           a backbone, weights file or head that does not fit
    ├── BundleError          a bundle that is incomplete, or does not score as it was trained
    ├── TrainingError        a fit that cannot start or go on
    ├── MetricError          targets or scores that cannot be scored
    │   └── UndefinedMetricError   a metric that these rows do not define
    ├── ScanError            a scan that cannot start
    ├── PackError            a pack of wheels and bundles that cannot be made
    ├── ArtifactError        a stored artifact that is missing or was changed
    ├── RemoteError          a URL that cannot be reached, or refuses; carries which
    └── MissingExtraError    an optional part of oscine that is not installed
"""

from __future__ import annotations

from typing import Any, Literal

from oscine.core.reasons import Reason


class OscineError(Exception):
    """What is wrong, where, and what to do about it.

    Args:
        what: One sentence that says what is wrong.
        where: File, key or row that it concerns.
        fix: What the user can do.

    Example:
        >>> print(OscineError("no such file", where="a.ogg", fix="check the path"))
        no such file (a.ogg): check the path
    """

    def __init__(self, what: str, *, where: object = None, fix: str | None = None) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.fix = fix
        super().__init__(what)

    def __reduce__(self) -> tuple[Any, ...]:
        # An error that passes from a process to another keeps its class and its words.
        return _restored, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        text = self.what if self.where is None else f"{self.what} ({self.where})"
        return text if self.fix is None else f"{text}: {self.fix}"


def _restored(kind: type[OscineError], args: Any, state: dict[str, Any]) -> OscineError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ConfigError(OscineError):
    """A recipe or option that cannot be used."""


class CatalogError(OscineError):
    """A table that breaks its contract."""


class SourceError(CatalogError):
    """A catalog whose table or audio folder is not what its kind promises."""


class LabelError(CatalogError):
    """A label that the class list or taxonomy does not know."""


class LeakError(CatalogError):
    """A split that has one group on both sides."""


class DownloadError(OscineError):
    """An archive that does not answer, or a folder that takes no files."""


class AudioError(OscineError):
    """A recording that cannot be used.

    Args:
        what: One sentence that says what is wrong.
        reason: The code under which the recording is quarantined.
        where: The file.
        fix: What the user can do.
    """

    def __init__(
        self, what: str, *, reason: Reason, where: object = None, fix: str | None = None
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.reason = reason


class FeatureError(OscineError):
    """Front-end parameters that make no spectrogram."""


class ModelError(OscineError):
    """A backbone, weights file or head that does not fit."""


class BundleError(OscineError):
    """A bundle that is incomplete, or does not score as it was trained."""


class TrainingError(OscineError):
    """A fit that cannot start or go on."""


class MetricError(OscineError):
    """Targets or scores that cannot be scored."""


class UndefinedMetricError(MetricError):
    """A metric that these rows do not define, such as a recall without positives."""


class ScanError(OscineError):
    """A scan that cannot start."""


class PackError(OscineError):
    """A pack of wheels and bundles that cannot be made."""


class ArtifactError(OscineError):
    """A stored artifact that is missing or was changed."""


class RemoteError(OscineError):
    """A URL that cannot be read.

    Args:
        what: One sentence that says what is wrong.
        kind: Nothing is there; it is there but not for us; or nobody could be asked.
        where: The URL, without what may be a secret.
        fix: What the user can do.
    """

    def __init__(
        self,
        what: str,
        *,
        kind: Literal["missing", "refused", "unreachable"],
        where: object = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.kind = kind


class MissingExtraError(OscineError):
    """An optional part of oscine that is not installed.

    Args:
        extra: Name of the extra that brings it.
        package: The import that failed.

    Example:
        >>> print(MissingExtraError("train", "torch"))
        this needs torch, which is not installed: pip install 'oscine[train]'
    """

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(
            f"this needs {package}, which is not installed", fix=f"pip install 'oscine[{extra}]'"
        )
