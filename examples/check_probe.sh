#!/bin/sh
# The monthly check of a probe, as cron runs it: exit code 3 where it left its limits.
#
#     sh check_probe.sh AIR_PICTURE PROBE
#
# checks.db keeps every check; the pages are for the log book.
set -u
scanmon qa air "$1" --probe "$2" --store checks.db --report "check-$2.html"
code=$?
scanmon trends --probe "$2" --store checks.db --out "trend-$2.csv" --report "trend-$2.html"
exit "$code"
