"""ONNX Runtime with WebGPU: both networks run on the software adapter where there is one, and the words."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanmon.core.errors import EngineError
from scanmon.inference import onnx_webgpu
from scanmon.inference.choice import open_engine
from scanmon.inference.engines import runnable
from scanmon.inference.onnx_webgpu import onnx_webgpu_engine
from scanmon.scoring.bundle import Bundle, open_bundle

ON_A_PROCESSOR = {"ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER": "1"}  # without it the plugin wants a real GPU
SHAPES = {"Shape", "Concat", "Gather", "Neg", "Mod", "Unsqueeze", "Reshape", "Slice", "Transpose"}

RUN = """
import json, sys
from pathlib import Path
import numpy as np
from scanmon.core.errors import EngineError
from scanmon.inference.onnx import OnnxEngine, open_session, session_options
from scanmon.inference.onnx_webgpu import onnx_webgpu_engine, provider
from scanmon.lab.builder.derive import derive
from scanmon.scoring.bundle import open_bundle

bundle = open_bundle(Path(sys.argv[1]))
plain = derive(bundle.read(bundle.nrq.file), bundle.nrq.layers, "plain")
rng, found = np.random.default_rng(0), {}
for name, network, shape in (
    ("nrq", plain, (2, 64, 64)),
    ("map", bundle.read(bundle.map.file), (1, 96, 128)),
):
    pixels = rng.integers(0, 256, shape, np.uint8)
    try:
        engine = onnx_webgpu_engine(network, "fp32")
    except EngineError as error:
        print(json.dumps(str(error)))
        sys.exit(3)
    off = np.abs(engine.run(pixels) - OnnxEngine(network, "fp32").run(pixels)).max()
    options = session_options(1)
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    session = open_session(network, options, provider(), "x")
    parts = [(part.ep_name, [node.op_type for node in part.get_nodes()])
             for part in session.get_provider_graph_assignment_info()]
    found[name] = {"off": float(off), "backend": engine.backend, "parts": parts}
print(json.dumps(found))
"""


@pytest.fixture
def bundle(tiny_bundle: Path) -> Bundle:
    return open_bundle(tiny_bundle)


@pytest.mark.timeout(600)
def test_both_networks_run_on_webgpu_and_give_what_the_processor_gives(tiny_bundle: Path) -> None:
    if not onnx_webgpu.installed():
        pytest.skip("onnxruntime-ep-webgpu is not installed")
    environment = os.environ | ON_A_PROCESSOR
    run = subprocess.run(
        [sys.executable, "-c", RUN, str(tiny_bundle)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode == 3:
        pytest.skip(f"no Vulkan that WebGPU takes: {run.stdout.strip()}")
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    for one in found.values():
        assert one["backend"] == "onnxruntime:webgpu"
        assert one["off"] < 1e-5
        here = {kind for name, kinds in one["parts"] for kind in kinds if name != "WebGpuExecutionProvider"}
        assert here <= SHAPES  # sizes, and bytes that are rearranged


def test_without_the_plugin_or_a_gpu_it_is_said_how_to_get_it(bundle, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime_ep_webgpu", None)
    with pytest.raises(EngineError, match=r"not installed.*scanmon\[webgpu\]"):
        onnx_webgpu_engine(b"", "fp32")
    assert not any("webgpu" in name for name in runnable(bundle))
    assert bundle.map is not None
    engine = open_engine(bundle, bundle.map, "onnxruntime:webgpu")
    assert engine.backend == "onnxruntime"  # goes on
    engine.close()
