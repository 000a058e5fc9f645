"""A scan's tables in the formats of other programs; one module each, listed in `registry`."""

from oscine.infer.writers.registry import WRITERS, check_formats, check_writing, write_formats

__all__ = ["WRITERS", "check_formats", "check_writing", "write_formats"]
