"""`scanmon build`, put together: checkpoint -> bundle, a site's pictures -> its scale, network -> plans."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic

from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import EngineError, SourceError
from scanmon.core.ports import Engine
from scanmon.core.values import GrayImage
from scanmon.inference import networks
from scanmon.inference.check import check
from scanmon.inference.cuda_device import device_number, open_cuda
from scanmon.inference.engines import NRQ_NETWORKS
from scanmon.inference.gpu import plan_key, runtime_module
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.onnx_cuda import BACKEND as CUDA
from scanmon.inference.onnx_webgpu import BACKEND as WEBGPU
from scanmon.inference.plans import PlanKey, discard, store
from scanmon.lab.builder.build import Request, build
from scanmon.lab.builder.derive import derive
from scanmon.lab.builder.plan import compile_plan
from scanmon.lab.calibrate import FEWEST, CalibrateStudy, calibrate_site
from scanmon.scoring.bundle import Bundle, NrqPart
from scanmon.scoring.bundle_folder import check_free, not_written
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

_SAY_EVERY_S = 2.0
_FRAMES_PER_CINE = 8
_COMPARED_ON = 6  # own pictures, evenly spread, each with three faults; PyTorch takes seconds for each

Say = Callable[[str], None]
_PRECISIONS = ("fp32", "fp16")
_PLANLESS = {CUDA: "fp16", WEBGPU: "fp32"}  # what ONNX Runtime runs as it is, in the form that suits it


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The first pictures of some files, to prove the engines on, and how many there are to calibrate by."""

    pictures: tuple[GrayImage, ...]
    views: int


def build_for_site(request: Request, images: Sequence[Path], say: Say) -> Bundle:
    """Build, prove on the phantoms and on `images`, calibrate by them where there are 20; all or nothing.

    `images` are files and folders of accepted pictures and cine loops. Raises `ScanmonError`.
    """
    check_free(request.out)
    own = _read(images, say)
    request = replace(
        request,
        images=own.pictures,
        report=request.report or request.out.with_name(request.out.name + ".report.json"),
    )
    if request.organs is None or own.views < FEWEST:
        if images:
            reason = "there are no organ models" if request.organs is None else f"that takes {FEWEST} or more"
            say(f"{own.views} own pictures: compared on, but not calibrated by, since {reason}")
        return build(request, _open_engine, say)
    try:
        request.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=request.out.parent, prefix=f".{request.out.name}.") as scratch:
            plain = build(
                replace(request, out=Path(scratch) / request.out.name, name=request.name or request.out.name),
                _open_engine,
                say,
            )
            settings = Settings(ScoringSettings(bundle=str(plain.folder), backend="onnxruntime"))
            study = CalibrateStudy(tuple(images), request.out, frames_per_cine=_FRAMES_PER_CINE)
            return calibrate_site(settings, study, _Counted(say)).bundle
    except OSError as error:
        raise not_written(request.out, error) from error


class _Counted:
    """What is counted, as lines that do not come too often."""

    def __init__(self, say: Say) -> None:
        self._say, self._said_s = say, monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        if done == 0 or monotonic() - self._said_s >= _SAY_EVERY_S:
            self._said_s = monotonic()
            self._say(f"calibrating, {what}: {done} of {total}")


def _spread(files: Sequence[Path]) -> list[Path]:
    count = min(len(files), _COMPARED_ON)
    return [files[part * len(files) // count] for part in range(count)]


def _open_engine(network: bytes, precision: str) -> Engine:
    return OnnxEngine(network, precision)


def _read(paths: Sequence[Path], say: Say) -> _Pictures:
    """A damaged file among others is passed over, visibly; none that can be read is a `SourceError`."""
    sound: list[Path] = []
    views = 0
    for file in (file for path in paths for file in material_in(path)):
        try:
            with closing(open_recording(str(file))) as recording:
                next(iter(recording))
                sound.append(file)
                views += min(_FRAMES_PER_CINE, len(recording.times_s))
        except SourceError as error:
            say(f"passed over: {error}")
    if paths and not sound:
        raise SourceError("none of the pictures can be read", "--images", "give others")
    return _Pictures(tuple(map(_first, _spread(sound))), views)


def _first(file: Path) -> GrayImage:
    with closing(open_recording(str(file))) as recording:
        return next(iter(recording)).pixels


def compile_here(bundle: Bundle, runtimes: Sequence[str], say: Say, device: str = "auto") -> None:
    """Make, prove and keep what `runtimes` need on a GPU of this machine; what is there already stays.

    `device`: auto (the first) or cuda:N. Raises `EngineError`, `BundleError`; what does not agree is removed.
    """
    part = _nrq(bundle)
    for runtime in runtimes:
        if runtime in _PLANLESS:
            precision = _PLANLESS[runtime]
            form = NRQ_NETWORKS[runtime, precision]
            _network(bundle, part, form)
            _prove(bundle, f"{runtime}:{precision}", device, partial(networks.discard, bundle, part, form))
            say(f"{runtime} {precision}: agrees here")
        else:
            _compile(bundle, part, runtime, device, say)


def _compile(bundle: Bundle, part: NrqPart, runtime: str, device: str, say: Say) -> None:
    trt, cuda = runtime_module(runtime), open_cuda(device_number(device))
    try:
        for precision in _PRECISIONS:
            network = _network(bundle, part, NRQ_NETWORKS[runtime, precision])
            key = plan_key(runtime, trt, cuda.gpu, network, precision)
            if key.path.is_file():
                say(f"{runtime} {precision}: a plan for {key.gpu} is there already")
            else:
                say(f"{runtime} {precision}: compiling for {key.gpu}")
                targets = ("CURRENT",) if runtime == "tensorrt-rtx" else ()
                with cuda.current():  # a plan is compiled for the GPU that is this thread's
                    plan = compile_plan(trt, network, targets=targets, progress=say)
                store(key, plan)
            _prove(bundle, f"{runtime}:{precision}", device, partial(discard, key))
            say(f"{runtime} {precision}: agrees on {key.gpu}")
    finally:
        cuda.close()


def compile_ahead(bundle: Bundle, targets: Sequence[str], say: Say) -> list[Path]:
    """Compile TensorRT-RTX plans for other machines' GPUs, which only `scanmon check` there can prove.

    Returns the files, which a machine with such a GPU takes from its own cache. Raises `EngineError`.
    """
    part, trt, files = _nrq(bundle), runtime_module("tensorrt-rtx"), []
    for precision in _PRECISIONS:
        network = _network(bundle, part, NRQ_NETWORKS["tensorrt-rtx", precision])
        say(f"tensorrt-rtx {precision}: compiling for {', '.join(targets)}")
        key = PlanKey.of(network, "tensorrt-rtx", str(trt.__version__), precision, ",".join(targets))
        files.append(store(key, compile_plan(trt, network, targets=targets, progress=say)))
    return files


def _nrq(bundle: Bundle) -> NrqPart:
    if bundle.nrq is None:
        raise EngineError("the bundle has no nrq, which is what runs on a GPU", bundle.folder)
    return bundle.nrq


def _network(bundle: Bundle, part: NrqPart, form: str) -> bytes:
    """The bundle's network in the form that a runtime takes; made and kept where the bundle has none."""
    found = networks.derived(bundle, part, form)
    if found is not None:
        return found
    made = derive(bundle.read(part.file), part.layers, form)
    networks.keep(bundle, part, form, made)
    return made


def _prove(bundle: Bundle, engine: str, device: str, remove: Callable[[], None]) -> None:
    faults = [finding for finding in check(bundle, [engine], device) if not finding.ok]
    if not faults:
        return
    if not all(fault.here for fault in faults):
        raise EngineError(next(fault.text for fault in faults if not fault.here))
    remove()
    raise EngineError(f"it does not agree and was removed ({faults[0].text})", engine)
