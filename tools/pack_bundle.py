"""Make the default bundle from the trained networks: `python -m tools.pack_bundle --data DIR --out NEW`.

Takes the exported map, exports the backbone, fits the organ models (published fit), finds the calibrations
and keeps what the bundle knows. Only training pictures are read.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import onnx

from scanmon.app.analyzers import load_judge
from scanmon.app.settings import ScoringSettings
from scanmon.core.ports import Scorer
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.checkpoint import load_checkpoint
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.fit import FitOptions, Sampling, features, fit_organ
from scanmon.scoring.bundle import Bundle, MapPart, open_bundle
from scanmon.scoring.bundle_folder import read_document, write_bundle
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.familiar import familiar_bytes
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqScorer
from scanmon.scoring.organ_file import parse_organ, save_organ
from scanmon.scoring.severity import MapScorer
from tools.training.acquaintance import acquainted
from tools.training.evidence import (
    TRAINED,
    Evidence,
    clean_scores,
    curve,
    fault_scores,
    lit_view,
    none_scores,
    report,
    shown_scores,
    view_of,
)
from tools.training.export import one_output, rounded, stored_in_half, with_joined_quality
from tools.training.pack import good_files
from tools.training.pictures import ORGANS, Picture, read, thinned
from tools.training.terms import MEAN_WEIGHT, TOPK_FRAC

HEIGHT_PX = 448
SMALLEST_PX = 160  # below, clean pictures of unseen organs got words that were wrong
FIT_OF_EACH = 80  # pictures of an organ, four windows each


@dataclass(frozen=True, slots=True)
class Amount:
    """How many held-back pictures of each organ a calibration rests on, and which faults."""

    clean: int = 40  # as they are
    shown: int = 6  # under every nuisance
    faulty: int = 4
    families: tuple[str, ...] = TRAINED


# a pass of the backbone costs twenty times one of the map
_OF_NRQ = ("gain_low", "gain_factor", "shadow", "lost_contact", "lateral_blur", "speckle_noise", "haze")
NRQ_AMOUNT = Amount(5, 0, 1, (*_OF_NRQ, "gain_high", "jpeg"))
NRQ_ORGANS = ("breast", "fetal-head", "muscle", "nerve")
"""Of lung there are too few good pictures for a model."""
KNOWN_OF_EACH = 30  # pictures of the training
KNOWN_NRQ = "known_nrq.npz"
NRQ_KNOWN_OF_EACH, NRQ_SIMULATED, NRQ_FAULTS = 14, 14, 2


def calibrated(
    data: Path, name: str, scorer: Scorer, amount: Amount, organs: Sequence[str] = ORGANS
) -> Calibration:
    """The quality curve of one metric; prints what it rests on."""
    held_back = [file for file in good_files(data, validation=True) if file[0] in organs]
    found = Evidence()

    def pictures(of_each: int) -> Iterator[Picture]:
        return (read(*file) for file in thinned(held_back, of_each))

    clean_scores(found, pictures(amount.clean), scorer.score, HEIGHT_PX)
    shown_scores(found, pictures(amount.shown), scorer.score, HEIGHT_PX)
    fault_scores(found, pictures(amount.faulty), scorer.score, HEIGHT_PX, amount.families)
    none_scores(found, scorer.score, HEIGHT_PX)
    calibration = curve(found)
    report(name, found, calibration)
    return calibration


def calibration_table(calibration: Calibration) -> dict[str, Any]:
    return {
        "scores": [round(float(score), 6) for score in calibration.scores],
        "qualities": [float(quality) for quality in calibration.qualities],
        "marginal": calibration.marginal,
        "adequate": calibration.adequate,
    }


def map_part(data: Path, network: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """Take the map into `files`, with the pictures it knows, and say what bundle.toml says of it."""
    files["severity.onnx"] = one_output(onnx.load(network)).SerializeToString()
    part = MapPart(
        "severity.onnx",
        topk_frac=TOPK_FRAC,
        mean_weight=MEAN_WEIGHT,
        black_level=True,
        exposure=True,
        kinds_beside=True,
        marks=True,
    )
    scorer = MapScorer(OnnxEngine(files["severity.onnx"], "fp32"), part)
    calibration = calibrated(data, "map", scorer, Amount())
    own = (read(*file) for file in thinned(good_files(data), KNOWN_OF_EACH))
    files["known.npz"] = familiar_bytes(acquainted(own, scorer, HEIGHT_PX))
    return {
        "file": part.file,
        "stride": part.stride,
        "topk_frac": part.topk_frac,
        "mean_weight": part.mean_weight,
        "precision": "fp32",
        "black_level": True,
        "exposure": True,
        "kinds_beside": True,
        "marks": True,
        "familiar": "known.npz",
        "word_from": part.word_from,
        "calibration": calibration_table(calibration),
    }


def exported(checkpoint: Path) -> bytes:
    """The trained backbone as the network of a bundle."""
    loaded = load_checkpoint(checkpoint)
    graph = backbone_graph(rounded(loaded.weights), loaded.architecture)
    network: bytes = stored_in_half(graph).SerializeToString()
    return network


def nrq_part(data: Path, backbone: bytes, files: dict[str, bytes]) -> dict[str, Any]:
    """Fit the organ models, and say what bundle.toml says of them and of the backbone.

    What nrq knows is made where it is not in `files` yet: it rests on the backbone alone.
    """
    files["backbone.onnx"] = backbone
    engine = OnnxEngine(backbone, "fp32")
    organs = []
    chosen = [file for file in thinned(good_files(data), FIT_OF_EACH) if file[0] in NRQ_ORGANS]
    for organ in sorted({organ for organ, _ in chosen}):
        pictures = (read(*file) for file in chosen if file[0] == organ)
        views = (lit_view(view_of(p.gray, p.mask, HEIGHT_PX)) for p in pictures)
        fitted = fit_organ(organ, features(views, engine, Sampling(), lambda _: None), FitOptions())
        print(
            f"{organ}: {fitted.pictures} pictures, {fitted.rows} windows, mean log-likelihood "
            f"{fitted.own_loglik:.1f}, of pictures that the fit did not see {fitted.held_out_loglik:.1f}",
            flush=True,
        )
        name = f"organs/{organ}.npz"
        with tempfile.TemporaryDirectory() as scratch:
            save_organ(Path(scratch) / "organ.npz", fitted.model)
            files[name] = (Path(scratch) / "organ.npz").read_bytes()
        organs.append(parse_organ(files[name], organ, name))
    scorer = NrqScorer(engine, Manifolds(organs))
    if KNOWN_NRQ not in files:
        nrq_known(data, NRQ_ORGANS, scorer, files)
    return {
        "file": "backbone.onnx",
        "organs": [f"organs/{model.name}.npz" for model in organs],
        "patch": 224,
        "stride": 112,
        "layers": [3, 5, 7, 11],
        "topk_frac": 0.15,
        "head": "nrq",
        "familiar": KNOWN_NRQ,
        "precision": "fp32",
        "calibration": calibration_table(calibrated(data, "nrq", scorer, NRQ_AMOUNT, NRQ_ORGANS)),
    }


def nrq_known(data: Path, organs: Sequence[str], scorer: Scorer, files: dict[str, bytes]) -> None:
    """Take what nrq knows into `files`: pictures of its organ models."""
    chosen = [file for file in good_files(data) if file[0] in organs]
    own = (read(*file) for file in thinned(chosen, NRQ_KNOWN_OF_EACH))
    known = acquainted(own, scorer, HEIGHT_PX, NRQ_SIMULATED, NRQ_FAULTS)
    files[KNOWN_NRQ] = familiar_bytes(known)


def kept_nrq(data: Path, before: Bundle, files: dict[str, bytes]) -> dict[str, Any]:
    """The nrq of another bundle as it is, with what it knows where that is missing."""
    part: dict[str, Any] = read_document(before)["nrq"]
    assert before.nrq is not None
    files.update({name: before.read(name) for name in before.nrq.names})
    if before.nrq.familiar:
        return part
    judge = load_judge(before, "nrq", ScoringSettings())
    assert judge.engine is not None
    with closing(judge.engine):
        organs = [Path(name).stem for name in before.nrq.organs]
        nrq_known(data, organs, judge.scorer, files)
    return part | {"familiar": KNOWN_NRQ}


def fitted_anew(data: Path, before: Bundle, files: dict[str, bytes], *, joined: bool) -> dict[str, Any]:
    """The nrq of another bundle with organ models and calibration made anew: its backbone, what it knows.

    `joined`: with the backbone's quality channels as one, and what it knows made anew too.
    """
    assert before.nrq is not None
    if joined:
        model = onnx.load_from_string(before.read(before.nrq.file))
        return nrq_part(data, with_joined_quality(model).SerializeToString(), files)
    if before.nrq.familiar:
        files[KNOWN_NRQ] = before.read(before.nrq.familiar)
    return nrq_part(data, before.read(before.nrq.file), files)


def kept_map(before: Bundle, files: dict[str, bytes]) -> dict[str, Any]:
    """The map of another bundle as it is."""
    assert before.map is not None
    files.update({name: before.read(name) for name in before.map.names})
    part: dict[str, Any] = read_document(before)["map"]
    return part


def main() -> None:
    """Write the bundle `--out`, which must not exist yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--map", type=Path, default=Path("work/map/severity.onnx"), help="of export_map")
    parser.add_argument("--backbone", type=Path, default=Path("work/backbone/tinyusfm.pth"))
    parser.add_argument("--card", type=Path, default=Path("engines/default/MODEL_CARD.md"))
    parser.add_argument("--keep-map", type=Path, metavar="BUNDLE", help="take its map as it is")
    nrq = parser.add_mutually_exclusive_group()
    nrq.add_argument("--keep-nrq", type=Path, metavar="BUNDLE", help="take its backbone and organs")
    nrq.add_argument("--fit-nrq", type=Path, metavar="BUNDLE", help="take its backbone, fit organs anew")
    nrq.add_argument("--join-nrq", type=Path, metavar="BUNDLE", help="the same, quality channels as one")
    nrq.add_argument("--without-nrq", action="store_true", help="the map alone")
    parser.add_argument("--version", default="1")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    files: dict[str, bytes] = {}
    document: dict[str, Any] = {
        "schema_version": 1,
        "name": "default",
        "version": options.version,
        "licence": "Apache-2.0",
        "working_height_px": HEIGHT_PX,
        "smallest_px": SMALLEST_PX,
        "map": kept_map(open_bundle(options.keep_map), files)
        if options.keep_map
        else map_part(options.data, options.map, files),
        "provenance": {
            "weights": "trained from scratch with tools/train_map.py and tools/train_backbone.py; "
            "not the published TinyUSFM weights",
            "data": "HC18 (CC BY 4.0, doi 10.5281/zenodo.1327317), usgra-seg (CC BY 4.0), "
            "TimTrack data sets 1 and 2 (CC0-1.0), BrEaST (CC BY 4.0, doi 10.7937/9WKK-Q141), "
            "lung pictures under CC BY, simulated phantoms",
            "use": "research only, not for diagnosis",
        },
    }
    if options.keep_nrq:
        document["nrq"] = kept_nrq(options.data, open_bundle(options.keep_nrq), files)
    elif folder := options.fit_nrq or options.join_nrq:
        joined = options.join_nrq is not None
        document["nrq"] = fitted_anew(options.data, open_bundle(folder), files, joined=joined)
    elif not options.without_nrq:
        document["nrq"] = nrq_part(options.data, exported(options.backbone), files)
    if options.card.exists():
        files["MODEL_CARD.md"] = options.card.read_bytes()
    bundle = write_bundle(options.out, document, files)
    size = sum(len(data) for data in files.values()) / 1e6
    print(f"wrote {bundle.folder}, {len(files)} files, {size:.1f} MB")


if __name__ == "__main__":
    main()
