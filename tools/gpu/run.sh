#!/bin/bash
# On the GPU machine, in the root of the tree: bash run.sh [SECONDS]. What matters most comes first; each step has
# its own process and limit, and none goes on after SECONDS in all (280). $OUT gets one gpu.json and one log.txt
# whatever happens. KIT_QUICK=1: the dry run on a processor.
TREE="${TREE:-$PWD}"; export OUT="${OUT:-$TREE/out/gpu}" PYTHONUNBUFFERED=1 ORT_DISABLE_TELEMETRY=1 PYTHONDONTWRITEBYTECODE=1
BUDGET="${1:-280}"; PY="${PY:-python3}"; START=$SECONDS
mkdir -p "$OUT"; cd "$TREE" || exit 1; LOG="$OUT/log.txt"
# scanmon sets it where it is imported before NumPy, as in its own commands
export OPENBLAS_NUM_THREADS=1 PYTHONPATH="${SITE:-/tmp/site}:$TREE" SCANMON_CACHE="${SCANMON_CACHE:-/tmp/scanmon-cache}"
# ONNX Runtime lies by itself; CUDA's libraries lie in PyTorch's environment
NV="$("$PY" -c 'import glob, sysconfig; print(":".join(glob.glob(sysconfig.get_paths()["purelib"] + "/nvidia/*/lib")))')"
export LD_LIBRARY_PATH="$NV${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
pack() { "$PY" - "$OUT" <<'P'
import json, pathlib, sys
out = pathlib.Path(sys.argv[1]); whole = out / "gpu.json"
content = json.loads(whole.read_text()) if whole.exists() else {}
for file in sorted(out.glob("*.json")):
    if file != whole:
        try: content[file.stem] = json.loads(file.read_text())
        except ValueError: content[file.stem] = "cut off"
        file.unlink()
whole.write_text(json.dumps(content, indent=1) + "\n")
P
}
trap pack EXIT
trap 'exit 130' TERM INT
step() { # LIMIT NAME MODULE ARGUMENT...
  local limit=$(($1 * SLACK)) name=$2 left=$((BUDGET - (SECONDS - START))) began=$SECONDS; shift 2
  [ "$left" -lt 8 ] && { echo "== $name: no time left" | tee -a "$LOG"; return; }
  [ "$left" -lt "$limit" ] && limit=$left
  timeout -k 3 "$limit" "$PY" -m "tools.gpu.$1" "${@:2}" >"$OUT/.step" 2>&1 </dev/null; local rc=$?
  { echo "== $name"; head -c 20000 "$OUT/.step"; echo "-- $name: rc $rc, $((SECONDS - began)) s"; } >>"$LOG"
  echo "== $name: rc $rc, $((SECONDS - began)) s, $((SECONDS - START)) s in all"; tail -n 6 "$OUT/.step" | cut -c1-300
  rm -f "$OUT/.step"; pack
}
nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,power.limit --format=csv >>"$LOG" 2>&1
"$PY" -c 'import importlib.metadata as m, sys
print(sys.version)
for n in ("numpy", "onnx", "torch", "cuda-bindings", "cupy-cuda13x", "msgspec"):
    try: print(n, m.version(n))
    except Exception as error: print(n, error)' >>"$LOG" 2>&1
SLACK=1; [ "$KIT_QUICK" = 1 ] && SLACK=4 # the processor may be slow, and busy
GPU=onnxruntime:cuda; LIVE=10; SHOWN=3; [ "$KIT_QUICK" = 1 ] && GPU=onnxruntime LIVE=0.3 SHOWN=0.3
step 40 live live "$GPU" $LIVE
step 20 path path $SHOWN
step 20 head engines head
step 90 ours engines ours
step 60 pytorch engines pytorch
step 50 adapter adapter
step 25 cutting engines cutting
step 25 lost_onnxruntime adapter lost:onnxruntime
step 25 map engines map
step 35 growth engines growth
step 60 more engines more
[ "$KIT_QUICK" = 1 ] && exit # the rest is the same code again
[ -d "${SITE:-/tmp/site}/onnxruntime_ep_webgpu" ] && step 35 webgpu webgpu
step 25 lost_tensorrt adapter lost:tensorrt
step 25 live_processor live onnxruntime 3
echo "all done in $((SECONDS - START)) s"
