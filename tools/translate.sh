#!/bin/sh
# Bring the translations up to date: new texts into the .ts files (then translate them), .ts -> .qm.
set -eu
cd "$(dirname "$0")/.."
errors=$(mktemp -d)
trap 'rm -r "$errors"' EXIT
.venv/bin/python -m tools.error_texts "$errors/errors.py"
for ts in scanmon/ui/translations/*.ts; do
    .venv/bin/pyside6-lupdate $(git ls-files "scanmon/ui/*.py") "$errors/errors.py" -locations none -no-obsolete -ts "$ts"
    .venv/bin/pyside6-lrelease "$ts" -qm "${ts%.ts}.qm"
done
