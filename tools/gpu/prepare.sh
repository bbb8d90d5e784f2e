#!/bin/bash
# In the project's root, on a machine with a registry: lays what goes to the GPU machine, all of Python 3.12, into
#   .gpu/kit (scripts and small wheels)   .gpu/a .gpu/d (ONNX Runtime with CUDA, two halves)   .gpu/b .gpu/c (TensorRT-RTX)
#   .gpu/w (WebGPU, and Debian's Vulkan loader where apt is there)
# which git ignores. Needs python3 with pip, xz; about 4 minutes of one core. KEEP: the GPU's generation, 90: H100.
set -e
HERE="$(cd "$(dirname "$0")" && pwd)"; ROOT="$PWD"; WORK="${WORK:-/tmp/gpu-work}"; KEEP="${KEEP:-90}"
ORT=onnxruntime-gpu==1.31.1 RTX=1.6.1.120
get() { python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 --implementation cp --abi cp312 \
  --abi none --abi abi3 --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 -d "$@"; }
grep -qx '/.gpu/' .git/info/exclude 2>/dev/null || echo '/.gpu/' >>.git/info/exclude
mkdir -p .gpu/kit/wheels .gpu/w .gpu/a .gpu/b .gpu/c .gpu/d "$WORK/whl"
cp "$HERE"/run.sh "$HERE"/unpack.sh .gpu/kit/
get .gpu/kit/wheels msgspec tomli-w platformdirs
get .gpu/w onnxruntime-ep-webgpu==0.4.0
command -v apt-get >/dev/null && (cd .gpu/w && apt-get download -q libvulkan1)
[ "$1" = kit ] && exit # the rest lies there already
get "$WORK/whl" $ORT tensorrt-rtx-cu13-libs==$RTX tensorrt-rtx-cu13-bindings==$RTX
python3 -m zipfile -e "$WORK"/whl/onnxruntime_gpu-*.whl "$WORK/ort"
cd "$WORK/ort/onnxruntime" && rm -rf transformers tools quantization datasets
cd capi && rm -f libonnxruntime.so.* libonnxruntime_providers_tensorrt.so
python3 "$HERE/cut_cuda.py" libonnxruntime_providers_cuda.so cut.so "$KEEP" && mv cut.so libonnxruntime_providers_cuda.so
cd "$WORK/ort" && tar cf - onnxruntime | nice xz -9e -T1 >"$WORK/ort.tar.xz"
cd "$ROOT" && split -n 2 -d -a 1 "$WORK/ort.tar.xz" "$WORK/ort.tar.xz."
mv "$WORK/ort.tar.xz.0" .gpu/a/ && mv "$WORK/ort.tar.xz.1" .gpu/d/
for wheel in "$WORK"/whl/tensorrt_rtx_*.whl; do python3 -m zipfile -e "$wheel" "$WORK/rtx"; done
cd "$WORK/rtx" && mkdir -p tensorrt_rtx
printf 'from tensorrt_rtx_bindings import *\nfrom tensorrt_rtx_bindings import __version__\n' >tensorrt_rtx/__init__.py
tar cf - tensorrt_rtx tensorrt_rtx_bindings tensorrt_rtx_libs | nice xz -1 -T1 >"$WORK/rtx.tar.xz"
cd "$ROOT" && split -n 2 -d -a 1 "$WORK/rtx.tar.xz" "$WORK/rtx.tar.xz."
mv "$WORK/rtx.tar.xz.0" .gpu/b/ && mv "$WORK/rtx.tar.xz.1" .gpu/c/
sha256sum <"$WORK/rtx.tar.xz" | cut -c1-64 >.gpu/kit/rtx.sha256
tree=$( (git ls-files -z; git ls-files -z -o --exclude-standard) | xargs -0 du -cb | tail -1 | cut -f1)
for part in a b c d; do
  size=$(($(du -cb .gpu/$part/* $(find .gpu/kit -type f) | tail -1 | cut -f1) + tree))
  [ $size -lt 67000000 ] && echo "$part: $size bytes with the tree" || echo "$part: $size bytes, TOO LARGE (67,108,864)"
done
