#!/bin/bash
# On the GPU machine: unpack.sh ort | webgpu | keep | rtx FOLDER. Into $SITE, which run.sh puts first.
# keep: the first half of what follows. ort: ONNX Runtime with CUDA, and the small wheels beside this script.
HERE="$(cd "$(dirname "$0")" && pwd)"; SITE="${SITE:-/tmp/site}"; PARTS="${PARTS:-/tmp/parts}"; PY="${PY:-python3}"
mkdir -p "$SITE" "$PARTS"
out() { "$PY" -c 'import sys, tarfile
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|xz") as packed: packed.extractall(sys.argv[1], filter="data")' "$SITE"; }
case "$1" in
  ort)
    for wheel in "$HERE"/wheels/*.whl; do "$PY" -m zipfile -e "$wheel" "$SITE" || exit 1; done
    cat $(ls "$PARTS"/ort.tar.xz.* 2>/dev/null) "$2"/ort.tar.xz* | out || exit 1
    PYTHONPATH="$SITE" "$PY" -c 'import onnxruntime as o, msgspec; print(o.__file__, o.__version__, o.get_available_providers())' ;;
  webgpu) # the plugin, and libraries of the system for Vulkan
    for wheel in "$2"/*.whl; do "$PY" -m zipfile -e "$wheel" "$SITE" || exit 1; done
    ldconfig -p | grep -q libvulkan || { for package in "$2"/*.deb; do dpkg -x "$package" /; done; ldconfig; } ;;
  keep) cp "$2"/*.tar.xz.* "$PARTS/" && ls -l "$PARTS" ;;
  rtx)
    cp "$2"/rtx.tar.xz.* "$PARTS/" && cat "$PARTS"/rtx.tar.xz.[01] >"$PARTS/whole" || exit 1
    sha256sum "$PARTS/whole" | cut -c1-64 | diff - "$HERE/rtx.sha256" || exit 1
    out <"$PARTS/whole" || exit 1
    PYTHONPATH="$SITE" "$PY" -c 'import tensorrt_rtx as t; print(t.__version__, list(t.ComputeCapability.__members__))' ;;
esac
