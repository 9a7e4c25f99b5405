"""What does not fit together in the reports of a store: within a report, between its years, between levels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.findings.check import Tally, check_store
from pipeline.findings.finding import Finding, Place

__all__ = ["Finding", "Place", "Tally", "check_store", "write_findings"]


def write_findings(findings: Iterable[Finding], path: Path, tally: Tally) -> int:
    """Write findings as .csv, .xlsx or .html by the path's suffix; their number. They are taken one by one.

    Raises UsageError for another suffix and for a place that may not be written.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx", ".html"):
        raise UsageError(f"{path} is no .csv, .xlsx or .html: name the findings by one of these.")
    if kind == ".html":
        from pipeline.findings.to_page import write_page

        return write_page(findings, path, tally)
    from pipeline.findings.to_table import write_csv, write_xlsx

    return write_csv(findings, path) if kind == ".csv" else write_xlsx(findings, path, tally.doubtful)
