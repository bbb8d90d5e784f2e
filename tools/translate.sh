#!/bin/sh
# Bring the translations up to date: new texts into the .ts files (then translate them), .ts -> .qm.
set -eu
cd "$(dirname "$0")/.."
for ts in scanmon/ui/translations/*.ts; do
    .venv/bin/pyside6-lupdate $(git ls-files "scanmon/ui/*.py") -locations none -no-obsolete -ts "$ts"
    .venv/bin/pyside6-lrelease "$ts" -qm "${ts%.ts}.qm"
done
