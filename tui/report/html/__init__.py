"""The report as one self-contained HTML page: no script, no network, drawings as inline SVG."""

from tui.report.html.page import html_report

__all__ = ["html_report"]
