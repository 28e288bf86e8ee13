"""Reads what mutmut counted: `python tests/mutants.py` fails when too many changes go unnoticed."""

import json
import sys
from pathlib import Path

STATS = Path("mutants/mutmut-cicd-stats.json")
ENOUGH = 0.95


def main() -> int:
    """Print the share that was noticed, and fail below 95 %."""
    stats = json.loads(STATS.read_text())
    noticed = stats["killed"] + stats["timeout"]
    share = noticed / stats["total"]
    sys.stdout.write(f"{noticed} of {stats['total']} changes noticed: {share:.1%}\n")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
