"""Typed settings: the frozen base, YAML, dotted overrides, errors that name the key."""

from oscine.config.load import apply_overrides, dump_yaml, parse, read_yaml
from oscine.config.schema import Config, Place, Probability

__all__ = ["Config", "Place", "Probability", "apply_overrides", "dump_yaml", "parse", "read_yaml"]
