"""What runs a network of a bundle: each runtime by its name, and the form of the network that it takes."""

from scanmon.core.errors import EngineError, SettingsError
from scanmon.core.ports import Engine
from scanmon.inference import onnx_cuda, onnx_webgpu
from scanmon.inference.cuda_device import device_number
from scanmon.inference.gpu import FallbackEngine, open_plan, open_windows
from scanmon.inference.networks import derived, network_of, proved
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.onnx_cuda import BACKEND as CUDA
from scanmon.inference.onnx_cuda import onnx_cuda_map
from scanmon.inference.onnx_webgpu import BACKEND as WEBGPU
from scanmon.inference.onnx_webgpu import onnx_webgpu_engine
from scanmon.inference.openvino import OpenVinoEngine
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart

# runtime and precision -> form of the network; "" is the part's own file, others are variants or derived
NRQ_NETWORKS = {
    ("onnxruntime", "fp32"): "",
    ("onnxruntime", "fp16"): "plain-fp16",
    ("onnxruntime", "int8"): "int8",
    (CUDA, "fp32"): "",
    (CUDA, "fp16"): "cuda-fp16",
    (WEBGPU, "fp32"): "plain",  # its attention node is off by 1.7e-3, on the software adapter at least
    ("openvino", "fp32"): "plain",
    ("openvino", "bf16"): "plain",
    ("tensorrt", "fp32"): "plain",
    ("tensorrt", "fp16"): "plain-fp16",
    ("tensorrt-rtx", "fp32"): "plain",
    ("tensorrt-rtx", "fp16"): "plain-fp16",
}
_PLANS = ("tensorrt", "tensorrt-rtx")
_MAP_BACKENDS = ("onnxruntime", CUDA, WEBGPU, "openvino")
_ALIASES = {"onnx": "onnxruntime", "cuda": CUDA, "webgpu": WEBGPU}


def backends() -> tuple[str, ...]:
    """What `--backend` takes, `NAME` or `NAME:PRECISION`."""
    pairs = (f"{name}:{precision}" for name, precision in NRQ_NETWORKS)
    return ("auto", *dict.fromkeys(name for name, _ in NRQ_NETWORKS), *pairs)


def runnable(bundle: Bundle) -> list[str]:
    """`NAME:PRECISION` of everything that the bundle has a network for; GPUs where their package is there."""
    part = bundle.nrq
    if part is None:
        return []
    forms = {form for form in NRQ_NETWORKS.values() if not form or derived(bundle, part, form) is not None}
    absent = {
        name for name, there in ((CUDA, onnx_cuda.installed), (WEBGPU, onnx_webgpu.installed)) if not there()
    }
    return [
        f"{name}:{precision}"
        for (name, precision), form in NRQ_NETWORKS.items()
        if form in forms and name not in absent
    ]


def parsed(backend: str) -> tuple[str, str]:
    """Runtime and precision, "" where none is named."""
    runtimes = {known for known, _ in NRQ_NETWORKS}
    whole = backend if _ALIASES.get(backend, backend) not in runtimes else f"{backend}:"
    name, _, precision = whole.rpartition(":")
    name = _ALIASES.get(name, name)
    if name not in runtimes:
        raise SettingsError(f"--backend {backend} is unknown", remedy="use one of " + ", ".join(backends()))
    return name, precision


def open_named(
    bundle: Bundle,
    part: NrqPart | MapPart,
    backend: str,
    device: str = "auto",
    threads: int = 0,
    *,
    strict: bool = False,
) -> Engine:
    """On `backend`, `NAME` or `NAME:PRECISION`. As `choice.open_engine`, which knows `auto` too."""
    name, precision = parsed(backend)
    if isinstance(part, MapPart) and name not in _MAP_BACKENDS:
        name = "onnxruntime"  # small and quick: it stays on the CPU beside nrq on the GPU
    network, precision = _network(bundle, part, name, precision)

    def processor() -> Engine:
        return OnnxEngine(network_of(bundle, part), part.precision, threads)

    if name in _PLANS and isinstance(part, NrqPart):
        plan = part.variants.get(f"plan-{name}-{precision}")  # compiled ahead of time
        carried = bundle.read(plan) if plan else None
        return FallbackEngine(lambda: open_plan(name, network, precision, device, carried), processor)
    if name == CUDA:
        number = device_number(device)
        on_gpu = open_windows if isinstance(part, NrqPart) else onnx_cuda_map
        return FallbackEngine(
            lambda: on_gpu(network, precision, number), processor, from_the_start=not strict
        )
    if name == WEBGPU:
        return FallbackEngine(
            lambda: onnx_webgpu_engine(network, precision), processor, from_the_start=not strict
        )
    if device not in ("auto", "cpu"):
        raise SettingsError(f"--device {device}: {name} runs on the cpu", remedy="use auto or cpu")
    if name == "openvino":
        return OpenVinoEngine(network, precision, threads)
    return OnnxEngine(network, precision, threads)


def _network(bundle: Bundle, part: NrqPart | MapPart, name: str, precision: str) -> tuple[bytes, str]:
    """The network, and the precision to run it in."""
    if isinstance(part, MapPart):
        chosen = precision if name == "openvino" and precision else part.precision
        return network_of(bundle, part), chosen
    asked = precision or part.precision
    for one in ("fp16", asked) if not precision and (name == CUDA or name in _PLANS) else (asked,):
        form = NRQ_NETWORKS.get((name, one))
        if form is None:
            known = ", ".join(known for runtime, known in NRQ_NETWORKS if runtime == name)
            raise SettingsError(f"--backend {name}:{one} is unknown", remedy=f"use one of {known}")
        network = derived(bundle, part, form)
        if network is not None:
            return proved(network, bundle, part), one
    raise EngineError(
        f"the bundle has no network for {name}:{asked}",
        bundle.folder,
        f"run scanmon build {bundle.folder} --backend {name} --precision {asked}",
    )
