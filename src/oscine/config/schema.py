"""The frozen base of every config, and types that several configs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator

from oscine.core import ConfigError, Location, fingerprint, is_remote, location

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
"""A number in [0, 1]."""


def _location(value: Any) -> Location:
    if not isinstance(value, (str, Path)) and not is_remote(value):
        raise ValueError("give a path or a URL")
    try:
        return location(value)
    except ConfigError as error:
        raise ValueError(str(error)) from error


_READ_AND_WRITTEN = PlainValidator(_location), PlainSerializer(str, return_type=str)
if TYPE_CHECKING:
    Place = Annotated[Location, *_READ_AND_WRITTEN]
else:  # pydantic would import upath for the union, at every command's start
    Place = Annotated[Path, *_READ_AND_WRITTEN]
"""A local path or a URL; written as text."""


class Config(BaseModel):
    """Frozen plain data that lives beside the component it configures.

    Unknown keys are refused, and nothing can be changed after the recipe is read: a run is a
    function of it.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, use_attribute_docstrings=True
    )

    def fingerprint(self) -> str:
        """Hash the settings: equal settings give equal fingerprints."""
        return fingerprint(self.to_plain())

    def to_plain(self) -> dict[str, Any]:
        """Give the settings as JSON-ready data, defaults included."""
        return self.model_dump(mode="json")
