"""ONNX Runtime with WebGPU (Vulkan) on this GPU: does every network run, is it right, how fast."""

from collections import Counter
from typing import Any

from scanmon.inference import networks
from scanmon.inference.choice import open_engine
from scanmon.inference.onnx import OnnxEngine, open_session, session_options
from scanmon.inference.onnx_webgpu import provider
from scanmon.lab.bench.pictures import pictures
from tools.gpu.kit import Report, bundle_and_part, difference, network, times_ms, windows


def nodes() -> dict[str, dict[str, int]]:
    options = session_options(1)
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    session = open_session(network("plain"), options, provider(), "onnxruntime:webgpu")
    found: dict[str, Counter[str]] = {}
    for part in session.get_provider_graph_assignment_info():
        kinds = found.setdefault(part.ep_name, Counter())
        kinds.update(node.op_type for node in part.get_nodes())
    return {name: dict(kinds) for name, kinds in found.items()}


def windows_of_nrq() -> dict[str, Any]:
    """nrq as `--backend onnxruntime:webgpu` opens it."""
    bundle, part = bundle_and_part()
    networks.keep(bundle, part, "plain", network("plain"))  # as scanmon build would
    engine, pixels = open_engine(bundle, part, "onnxruntime:webgpu", strict=True), windows(16)
    said: dict[str, Any] = {
        "difference": difference(engine.run(pixels), OnnxEngine(network(""), "fp32").run(pixels))
    }
    for count in (1, 16, 48, 153):
        many = windows(count)
        said[str(count)] = times_ms(lambda p=many: engine.run(p), 0.5, 5)  # type: ignore[misc]
    engine.close()
    return said


def pictures_of_the_map() -> dict[str, Any]:
    bundle, _ = bundle_and_part()
    assert bundle.map is not None
    engine, picture = (
        open_engine(bundle, bundle.map, "onnxruntime:webgpu", strict=True),
        pictures(448, 336, 1)[0],
    )
    expected = open_engine(bundle, bundle.map, "onnxruntime").run(picture[None])
    return {
        "difference": difference(engine.run(picture[None]), expected),
        "448x336": times_ms(lambda: engine.run(picture[None]), 0.5, 5),
    }


def main() -> None:
    report = Report("webgpu")
    for work in (windows_of_nrq, pictures_of_the_map, nodes):
        report.attempt(work.__name__, work)


if __name__ == "__main__":
    main()
