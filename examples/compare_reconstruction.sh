#!/bin/sh
# Did a reconstruction, a compression or a filter keep what matters?
#
#     sh compare_reconstruction.sh REFERENCE RECONSTRUCTION
#
# Full-reference numbers need both pictures; `score` judges each by itself.
set -eu
scanmon compare "$1" "$2"
scanmon score "$1" "$2"
