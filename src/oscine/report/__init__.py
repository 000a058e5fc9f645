"""The report floor: figures and self-contained HTML pages, from stored artifacts only."""

from oscine.report.activity import Activity, read_activity, write_activity
from oscine.report.compare import build_comparison
from oscine.report.comparison import Comparison, compare
from oscine.report.gallery import build_gallery_page
from oscine.report.page import build_catalog_report, build_report
from oscine.report.run import Run
from oscine.report.scan_evaluation import build_scan_evaluation
from oscine.report.static_figures import write_figures
from oscine.report.tracked import tell_results

__all__ = [
    "Activity",
    "Comparison",
    "Run",
    "build_catalog_report",
    "build_comparison",
    "build_gallery_page",
    "build_report",
    "build_scan_evaluation",
    "compare",
    "read_activity",
    "tell_results",
    "write_activity",
    "write_figures",
]
