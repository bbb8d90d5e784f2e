"""Does the score say what your readers say, and where does it not? python agree_with_readers.py CHOICES.csv

CHOICES.csv is what `scanmon study PICTURES --export CHOICES.csv` writes.
"""

import csv
import subprocess
import sys
from pathlib import Path

import scanmon

file = Path(sys.argv[1])
subprocess.run(["scanmon", "agree", str(file), "--out", "agreement.csv"], check=True)
with Path("agreement.csv").open(newline="") as table:
    for row in csv.DictReader(table):
        print(f"{row['metric']:>12} {row['organ']:>10}: {row['accuracy']} ({row['low']} to {row['high']})")

bundle = scanmon.open_bundle()
quality = {}
with file.open(newline="") as table:
    for row in csv.DictReader(table):
        for name in (row["first"], row["second"]):
            quality.setdefault(name, bundle.score(file.parent / name).quality)
        gap = quality[row["first"]] - quality[row["second"]]
        if gap * {"first": 1, "second": -1, "equal": 0}[row["choice"]] < 0:
            print(f"{row['reader']} chose {row['choice']}: {row['first']} {gap:+.0f} against {row['second']}")
