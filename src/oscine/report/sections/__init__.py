"""Sections of the reports in their order; each reads artifacts and says what is there."""

from oscine.report.sections.chapters import CATALOG_CHAPTERS, CHAPTERS, Chapters

__all__ = ["CATALOG_CHAPTERS", "CHAPTERS", "Chapters"]
