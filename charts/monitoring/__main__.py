"""`python -m charts.monitoring`: write what is generated; with --check, say what is not fresh and end with 1."""

import argparse
import json
import re
import sys
from pathlib import Path

from charts.monitoring import reference
from charts.monitoring.collection import COLLECTION
from charts.monitoring.embedder import EMBEDDER
from charts.monitoring.overview import OVERVIEW

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "charts/hirag-operator/dashboards"
PAGE = ROOT / "docs/observability.md"
TABLES = {
    "the operator's work": reference.operator_work,
    "objects": reference.operator_objects,
    "embedding servers": reference.embedder,
}


def artefacts() -> dict[Path, str]:
    """What is generated, by its file."""
    files = {
        DASHBOARDS / f"{dashboard.uid.removeprefix('hirag-')}.json": json.dumps(dashboard.rendered(), indent=2) + "\n"
        for dashboard in (OVERVIEW, COLLECTION, EMBEDDER)
    }
    return files | {PAGE: _with_tables(PAGE.read_text())}


def _with_tables(page: str) -> str:
    for name, entries in TABLES.items():
        begin, end = f"<!-- metrics of {name}: generated -->", f"<!-- end of metrics of {name} -->"
        block = f"{begin}\n{reference.table(entries())}\n{end}".replace("\\", r"\\")
        page, found = re.subn(f"{begin}.*?{end}", block, page, flags=re.DOTALL)
        if found != 1:
            raise SystemExit(f"{PAGE} must have {begin} and {end} once")
    return page


def main() -> int:
    """Return 0 when all is written, or fresh."""
    parser = argparse.ArgumentParser(prog="charts.monitoring", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    stale = [path for path, text in artefacts().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is not what charts/monitoring generates: make dashboards", file=sys.stderr)
        else:
            path.write_text(artefacts()[path])
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
