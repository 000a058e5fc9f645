"""The report floor: figures and one self-contained HTML page, from stored artifacts only."""

from oscine.report.page import build_report
from oscine.report.run import Run

__all__ = ["Run", "build_report"]
