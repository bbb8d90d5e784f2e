#!/bin/sh
# Remake every figure of docs/speed.md on this machine: docs/bench.json, docs/img/bench.png, the tables.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/scanmon bench --rounds 9 --json docs/bench.json --plot docs/img/bench.png "$@"
.venv/bin/python -m tools.write_reference
