#!/bin/sh
# Set up scanmon in .venv and start it: `scanmon demo`, or the command that is given (sh tools/run.sh live).
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/setup.sh
packages="libegl1 libgl1 libfontconfig1 libglib2.0-0 libxkbcommon0 libdbus-1-3"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    packages="$packages libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
fi
# shellcheck disable=SC2086
setup evaluate $packages || exit 1 # the extra makes reports
[ $# -gt 0 ] || set -- demo
exec .venv/bin/scanmon "$@"
