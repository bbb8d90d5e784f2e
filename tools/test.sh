#!/bin/sh
# Set up scanmon with everything that its tests need, and run them offscreen. Arguments go to pytest.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/setup.sh
# shellcheck disable=SC2086
setup test libegl1 libgl1 libfontconfig1 libglib2.0-0 libxkbcommon0 libdbus-1-3 \
    xvfb x11-xserver-utils xdotool libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 \
    ffmpeg strace gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
    gstreamer1.0-plugins-ugly gstreamer1.0-plugins-bad || exit 1
unset DISPLAY WAYLAND_DISPLAY
unset PYTHONDONTWRITEBYTECODE # half of what it takes to collect the tests is to compile them
# three processes, which wait more than they compute, a file of tests in one of them; where one crashes the run
# ends, as the others would wait for ever.
# What measures time is run alone: `sh tools/test.sh -n 0 -m slow`
QT_QPA_PLATFORM=offscreen exec .venv/bin/python -m pytest -n 3 --dist loadfile --max-worker-restart 0 "$@"
