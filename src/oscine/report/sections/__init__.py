"""Sections of the report in their order; each reads artifacts and says what is there."""

from oscine.report.sections.chapters import CHAPTERS

__all__ = ["CHAPTERS"]
