"""ONNX Runtime with CUDA as `scanmon` runs it, beside PyTorch's best: speed, parity, memory.

PyTorch: scaled dot product attention, half precision, a CUDA graph for each number of windows, pinned memory.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Engine
from scanmon.inference.batches import GpuEngine
from scanmon.inference.choice import open_engine
from scanmon.inference.cuda_device import open_cuda
from scanmon.inference.gpu import FallbackEngine
from scanmon.inference.onnx import OnnxEngine, Provider, open_session, session_options
from scanmon.inference.onnx_cuda import PROVIDER, onnx_cuda_engine
from scanmon.lab.bench.pictures import pictures
from scanmon.lab.builder.build import windows_of, with_faults
from scanmon.lab.builder.command import compile_here
from scanmon.scoring.parity import ReferenceSet, compare
from scanmon.scoring.windows import cut, grid
from tools.gpu.kit import (
    COUNTS,
    QUICK,
    Report,
    bundle_and_part,
    difference,
    keep_half,
    manifolds,
    network,
    on_gpu_mb,
    resident_mb,
    times_ms,
    windows,
)

PIXELS = {count: windows(count, count) for count in COUNTS}
BACKEND = "onnxruntime" if QUICK else "onnxruntime:cuda"


def reference() -> ReferenceSet:
    """What single precision on the processor gives: 60 pictures of the simulated scanner and their faults."""
    chosen = pictures(480, 360, 1 if QUICK else 60)
    pixels, picture = windows_of(with_faults(chosen), 224, 112, 1 if QUICK else 8)
    return ReferenceSet(pixels, picture, OnnxEngine(network(""), "fp32").run(pixels))


def prepared() -> list[str]:
    """`scanmon build default --backend onnxruntime:cuda`: the half-precision network, made and proved."""
    bundle, _ = bundle_and_part()
    lines: list[str] = []
    compile_here(bundle, ["onnxruntime:cuda"], lines.append)
    return lines


def ours(precision: str, known: ReferenceSet) -> dict[str, Any]:
    """The engine that `--backend onnxruntime:cuda` opens."""
    bundle, part = bundle_and_part()
    before, started = on_gpu_mb() if not QUICK else 0.0, time.perf_counter()
    engine = open_engine(bundle, part, f"{BACKEND}:{precision}", strict=True)
    said: dict[str, Any] = {"opened_s": round(time.perf_counter() - started, 2), "backend": engine.backend}
    inner = getattr(engine, "_engine", engine)
    if isinstance(inner, GpuEngine):
        said["captures"], said["gpu_mb"] = inner.captures, on_gpu_mb() - before
    said |= timed(engine)
    said["parity"] = parity(engine, known)
    whole = engine.run(known.windows[:153])  # a graph of one size after those of all others
    few = [engine.run(known.windows[:count]) for count in (1, 7, 16, 48, 100, 16)]
    said["between_sizes"] = max(float(np.abs(part - whole[: len(part)]).max()) for part in few)
    engine.close()
    return said


def timed(engine: Engine) -> dict[str, Any]:
    """Milliseconds by number of windows."""
    return {str(count): times_ms(lambda p=pixels: engine.run(p)) for count, pixels in PIXELS.items()}  # type: ignore[misc]


def parity(engine: Engine, known: ReferenceSet) -> dict[str, Any]:
    """Features, likelihoods, scores, order and verdicts against single precision on the processor."""
    _, part = bundle_and_part()
    found = compare(
        known,
        engine.run(known.windows),
        manifolds(),
        backend=engine.backend,
        precision=engine.precision,
        calibration=part.calibration,
        topk_frac=part.topk_frac,
    )
    return found.as_dict() | {"faults": found.faults()}


def processor_engine() -> FallbackEngine:
    """One that takes pictures as well, for the dry run."""
    return FallbackEngine(*[lambda: OnnxEngine(network(""), "fp32")] * 2)


def growth() -> dict[str, Any]:
    """10,000 frames of changing numbers of windows, every other one as a picture."""
    bundle, part = bundle_and_part()
    engine: Any = processor_engine() if QUICK else open_engine(bundle, part, f"{BACKEND}:fp16", strict=True)
    sets = [windows(count, count) for count in ((1, 2) if QUICK else (20, 20, 20, 48, 7, 1, 35))]
    picture = pictures(960, 720, 1)[0]
    corners = grid(720, 960).corners

    def frame(number: int) -> None:
        pixels = sets[number // 2 % len(sets)]
        engine.start_at(picture, corners[: len(pixels)], 224)() if number % 2 else engine.run(pixels)

    for number in range(6 * len(sets)):
        frame(number)
    frames, resident, used = 4 if QUICK else 10_000, resident_mb(), 0.0 if QUICK else on_gpu_mb()
    started = time.perf_counter()
    for number in range(frames):
        frame(number)
    said = {
        "frames": frames,
        "seconds": round(time.perf_counter() - started, 1),
        "process_growth_mb": round(resident_mb() - resident, 2),
        "gpu_growth_mb": 0.0 if QUICK else on_gpu_mb() - used,
    }
    engine.close()
    return said


def pytorch(precision: Literal["fp16", "fp32"]) -> dict[str, Any]:
    """The same network by PyTorch, with what it is quickest with, from and to host memory."""
    import onnx
    import torch

    from scanmon.lab.builder.derive import weights_of
    from scanmon.lab.builder.vit import VisionTransformer

    weights, architecture = weights_of(onnx.load_from_string(network("")))
    model = VisionTransformer(architecture)
    held = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in weights.items()}
    missing = model.load_state_dict(held, strict=False).missing_keys
    on_card = torch.cuda.is_available()
    device = torch.device("cuda" if on_card else "cpu")
    kind = torch.float16 if precision == "fp16" and on_card else torch.float32
    model = model.eval().to(device, kind)

    def forward(x: Any) -> Any:
        return model((x.to(kind) / 127.5 - 1).unsqueeze(1)).float()

    def eager(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(forward(torch.from_numpy(pixels)).numpy())

    def graph_of(count: int) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
        host = torch.empty((count, 224, 224), dtype=torch.uint8, pin_memory=True)
        there = host.to(device)
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        with torch.cuda.stream(side):
            for _ in range(3):
                forward(there)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            out = forward(there)
        back = torch.empty(out.shape, dtype=out.dtype, pin_memory=True)

        def run(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            host.numpy()[...] = pixels
            there.copy_(host, non_blocking=True)
            graph.replay()
            back.copy_(out, non_blocking=True)
            torch.cuda.current_stream().synchronize()
            return np.asarray(back.numpy())

        return run

    said: dict[str, Any] = {"torch": torch.__version__, "missing": missing}
    with torch.inference_mode():
        for count, pixels in PIXELS.items():
            run = graph_of(count) if on_card else eager
            said[str(count)] = times_ms(lambda r=run, p=pixels: r(p))  # type: ignore[misc]
        said["difference"] = difference(run(pixels), OnnxEngine(network(""), "fp32").run(pixels))
    return said


def variant(form: str, batch: int) -> dict[str, Any]:
    """Other forms of the network and other sizes of a pass, for the same backend."""
    engine = onnx_cuda_engine(network(form), "fp16", open_cuda(), batch=batch)
    said: dict[str, Any] = {"captures": engine.captures} | timed(engine)
    said["difference"] = difference(engine.run(PIXELS[16]), OnnxEngine(network(""), "fp32").run(PIXELS[16]))
    engine.close()
    return said


def runtime_graphs() -> dict[str, Any]:
    """ONNX Runtime's own CUDA graphs, in place of ours: one session, a graph for each number of windows."""
    import onnxruntime

    choices = {"use_tf32": "0", "enable_cuda_graph": "1", "enable_skip_layer_norm_strict_mode": "1"}
    session = open_session(
        network("cuda-fp16"), session_options(1), Provider(PROVIDER, choices), "onnxruntime"
    )
    said: dict[str, Any] = {}
    for number, (count, pixels) in enumerate(PIXELS.items(), start=1):
        binding, options = session.io_binding(), onnxruntime.RunOptions()
        options.add_run_config_entry("gpu_graph_id", str(number))
        held = onnxruntime.OrtValue.ortvalue_from_numpy(pixels, "cuda", 0)
        answer = onnxruntime.OrtValue.ortvalue_from_shape_and_type((count, 768), np.float32, "cuda", 0)
        binding.bind_ortvalue_input("windows", held)
        binding.bind_ortvalue_output("z", answer)

        def run(p: Any = pixels, h: Any = held, b: Any = binding, o: Any = options, a: Any = answer) -> Any:
            h.update_inplace(p)
            session.run_with_iobinding(b, o)
            return a.numpy()

        said[str(count)] = times_ms(run)
    return said


def map_network() -> dict[str, Any]:
    """The other metric: the whole picture in one pass, by processor and by CUDA."""
    bundle, _ = bundle_and_part()
    assert bundle.map is not None
    processor = open_engine(bundle, bundle.map, "onnxruntime")
    card = open_engine(bundle, bundle.map, BACKEND, strict=True)
    said: dict[str, Any] = {"backend": card.backend}
    for height, width in ((336, 448),) if QUICK else ((336, 448), (1072, 1920)):
        picture = pictures(width, height, 1)[0][None]
        said[f"{width}x{height}"] = {
            "processor": times_ms(lambda p=picture: processor.run(p), 0.5, 3),  # type: ignore[misc]
            "cuda": times_ms(lambda p=picture: card.run(p), 0.5),  # type: ignore[misc]
            "difference": difference(card.run(picture), processor.run(picture)),
        }
    card.close()
    return said


def cutting() -> dict[str, Any]:
    """A picture of 1920 x 1080 to features: its windows cut into an array, or the picture itself."""
    picture = pictures(*((480, 360) if QUICK else (1920, 1080)), 1)[0]
    cells = grid(*picture.shape)
    kept = np.empty((len(cells), 224, 224), np.uint8)
    bundle, part = bundle_and_part()
    one: Any = processor_engine() if QUICK else open_engine(bundle, part, f"{BACKEND}:fp16", strict=True)

    def windows_first() -> NDArray[np.float32]:
        return np.asarray(one.run(cut(picture, cells.corners, 224, kept)))

    def picture_first() -> NDArray[np.float32]:
        return np.asarray(one.start_at(picture, cells.corners, 224)())

    expected, found = windows_first(), picture_first()
    few = one.start_at(picture, cells.corners[5:], 224)()  # another size of pass
    said: dict[str, Any] = {
        "windows": len(cells),
        "run": times_ms(windows_first, 2.0),
        "start_at": times_ms(picture_first, 2.0),
        "same": bool(np.array_equal(found, expected) and np.array_equal(few, expected[5:])),
    }
    one.close()
    return said


def head() -> dict[str, Any]:
    """Features of 153 windows under every organ model: all of it here, and its largest product on the card.

    With the way up and down: an engine that did both would leave the first one out.
    """
    import onnx
    from onnx import helper

    known = manifolds()
    counts = (153 if not QUICK else 2, known.features)
    z = np.random.default_rng(0).normal(0, 0.03, counts).astype(np.float32)
    said: dict[str, Any] = {
        name: times_ms(lambda s=single: known.fit(z, single=s))  # type: ignore[misc]
        for name, single in (("processor_double", False), ("processor_single", True))
    }
    for name, kind in (("card_double", np.float64), ("card_single", np.float32)):
        matrix = onnx.numpy_helper.from_array(known.projection.astype(kind), "matrix")
        nodes = [helper.make_node("Cast", ["z"], ["wide"], to=matrix.data_type)]
        nodes += [helper.make_node("MatMul", ["wide", "matrix"], ["x"])]
        ports = (
            helper.make_tensor_value_info(port, element, ["n", width])
            for port, element, width in (
                ("z", onnx.TensorProto.FLOAT, counts[1]),
                ("x", matrix.data_type, None),
            )
        )
        graph = helper.make_graph(nodes, "head", [next(ports)], [next(ports)], [matrix])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        provider = Provider() if QUICK else Provider(PROVIDER, {"use_tf32": "0"})
        session = open_session(model.SerializeToString(), session_options(1), provider, BACKEND)
        said[name] = times_ms(lambda s=session: s.run(None, {"z": z}))  # type: ignore[misc]
        said[name]["difference"] = difference(session.run(None, {"z": z})[0], z @ known.projection)["most"]
    return said


def processor() -> dict[str, Any]:
    engine, pixels = OnnxEngine(network(""), "fp32"), PIXELS[COUNTS[1]]
    return {str(len(pixels)): times_ms(lambda: engine.run(pixels), 0.5, 3)}


def main(part: str) -> None:
    """`map`, `growth`, `cutting`, `head`, `ours`, `pytorch`; `more`: what decides between ways to do it."""
    report = Report(f"engines_{part}")
    if part == "ours":
        known = reference()
        if not QUICK:
            report.attempt("prepared", prepared)
            keep_half()  # one that was found wrong is measured all the same
        for precision in ("fp32",) if QUICK else ("fp16", "fp32"):
            report.attempt(precision, lambda p=precision: ours(p, known))  # type: ignore[misc]
        report.attempt("processor", processor)
    elif part == "pytorch":
        report.attempt("fp16", lambda: pytorch("fp16"))
    elif part == "more":
        if not QUICK:
            report.attempt("pass_of_48", lambda: variant("cuda-fp16", 48))
            report.attempt("as_the_bundle_has_it", lambda: variant("", 153))
            report.attempt("runtime_graphs", runtime_graphs)
    else:
        keep_half()
        report.attempt(part, {"map": map_network, "growth": growth, "cutting": cutting, "head": head}[part])


if __name__ == "__main__":
    main(sys.argv[1])
