"""Make the default bundle from the trained networks: `python -m tools.pack_bundle --data DIR --out NEW`.

Exports both networks, fits the organ models (published fit) and finds the calibrations. A metric that would
call a black, white or noisy picture adequate gets a quality that never reaches adequate.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx

from scanmon.core.ports import Scorer
from scanmon.core.values import View
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.checkpoint import load_checkpoint
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.evaluate.hopeless import hopeless_pictures
from scanmon.lab.fit.organ_models import FitOptions, fit_organ
from scanmon.lab.fit.sampling import Sampling, features
from scanmon.scoring.bundle import MapPart, open_bundle
from scanmon.scoring.bundle_folder import read_document, write_bundle
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.familiar import familiar_bytes
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqScorer
from scanmon.scoring.organ_file import parse_organ, save_organ
from scanmon.scoring.severity import MapScorer
from tools.training.acquaintance import acquainted
from tools.training.curve import ADEQUATE, clean_scores, curve, fault_scores, lit_view, view_of
from tools.training.distortions import TRAINED
from tools.training.export import one_output, rounded, stored_in_half
from tools.training.losses import MEAN_WEIGHT, TOPK_FRAC
from tools.training.pack import lung_grades
from tools.training.pictures import Picture, training_pictures

HEIGHT_PX = 448
CAP = 69.0  # quality, just below adequate
KNOWN_OF_EACH = 60  # pictures of an organ that `familiar` rests on
WORD_FROM = 0.25
FIT_OF_EACH = 100  # pictures of an organ, four windows each


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many pictures of each organ a calibration rests on, and which faults."""

    clean: int = 60
    faulty: int = 5
    families: tuple[str, ...] = TRAINED


# a pass of the backbone costs twenty times one of the map
NRQ_EVIDENCE = Evidence(16, 1, ("lateral_blur", "speckle_noise", "gain_low", "gain_high", "haze", "shadow"))


def thinned(pictures: list[Picture], of_each: int) -> list[Picture]:
    """At most so many pictures of every organ, evenly spread."""
    chosen: list[Picture] = []
    for organ in sorted({p.organ for p in pictures}):
        group = [p for p in pictures if p.organ == organ]
        chosen += [group[int(i)] for i in np.linspace(0, len(group) - 1, min(of_each, len(group)))]
    return chosen


def good_pictures(data: Path, splits: Sequence[bool] = (False, True)) -> list[Picture]:
    """All pictures of the training, and of its validation (True), that are clean: lungs by their grade."""
    grades = lung_grades()
    read = (picture for split in splits for picture in training_pictures(data, validation=split))
    return [picture for picture in read if grades.get(picture.name, "good") == "good"]


def calibrated(data: Path, name: str, scorer: Scorer, evidence: Evidence) -> Calibration:
    """The quality curve of one metric; prints what it rests on.

    A metric that would call a black, white or noisy picture adequate never says adequate at all.
    """
    clean = clean_scores(thinned(good_pictures(data), evidence.clean), scorer, HEIGHT_PX)
    held_back = thinned(good_pictures(data, (True,)), evidence.faulty)
    faults = fault_scores(held_back, scorer, HEIGHT_PX, evidence.families)
    calibration = curve(clean, faults)
    for organ, scores in clean.items():
        qualities = [calibration.quality(float(score)) for score in scores]
        print(f"{name} clean {organ}: quality 5/50/95 % {np.percentile(qualities, [5, 50, 95]).round(1)}")
    for severity, scores in faults.items():
        qualities = [calibration.quality(float(score)) for score in scores]
        print(
            f"{name} severity {severity}: quality 5/50/95 % {np.percentile(qualities, [5, 50, 95]).round(1)}"
        )
    admitted = False
    for picture in hopeless_pictures(HEIGHT_PX):
        quality = calibration.quality(scorer.score(View(picture.pixels, None, 0.0)).score)
        print(f"{name} {picture.name}: quality {quality:.1f}")
        admitted = admitted or quality >= ADEQUATE
    if admitted:
        print(f"{name} calls a hopeless picture adequate: its quality is capped below that")
        factor = CAP / calibration.qualities[-1]
        calibration = replace(calibration, qualities=tuple(factor * q for q in calibration.qualities))
    return calibration


def calibration_table(calibration: Calibration) -> dict[str, Any]:
    """As bundle.toml holds it."""
    return {
        "scores": [round(float(score), 6) for score in calibration.scores],
        "qualities": [float(quality) for quality in calibration.qualities],
        "marginal": calibration.marginal,
        "adequate": calibration.adequate,
    }


def map_part(data: Path, network: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """Put the severity map into `files`, and say what bundle.toml says of it."""
    files["severity.onnx"] = one_output(onnx.load(network)).SerializeToString()
    part = MapPart("severity.onnx", topk_frac=TOPK_FRAC, mean_weight=MEAN_WEIGHT, black_level=True)
    scorer = MapScorer(OnnxEngine(files["severity.onnx"], "fp32"), part)
    known = acquainted(thinned(good_pictures(data), KNOWN_OF_EACH), scorer, HEIGHT_PX)
    files["known.npz"] = familiar_bytes(known)
    return {
        "file": part.file,
        "black_level": part.black_level,
        "familiar": "known.npz",
        "word_from": WORD_FROM,
        "stride": part.stride,
        "topk_frac": part.topk_frac,
        "mean_weight": part.mean_weight,
        "precision": "fp32",
        "calibration": calibration_table(calibrated(data, "map", scorer, Evidence())),
    }


def nrq_part(data: Path, checkpoint: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """Export the backbone, fit the organ models, and say what bundle.toml says of them."""
    loaded = load_checkpoint(checkpoint)
    graph = backbone_graph(rounded(loaded.weights), loaded.architecture)
    files["backbone.onnx"] = stored_in_half(graph).SerializeToString()
    engine = OnnxEngine(files["backbone.onnx"], "fp32")
    organs = []
    pictures = thinned(training_pictures(data), FIT_OF_EACH)
    for organ in sorted({p.organ for p in pictures}):
        views = (lit_view(view_of(p, p.gray, HEIGHT_PX)) for p in pictures if p.organ == organ)
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
    return {
        "file": "backbone.onnx",
        "organs": [f"organs/{model.name}.npz" for model in organs],
        "patch": 224,
        "stride": 112,
        "layers": [3, 5, 7, 11],
        "topk_frac": 0.15,
        "head": "nrq",
        "precision": "fp32",
        "calibration": calibration_table(calibrated(data, "nrq", scorer, NRQ_EVIDENCE)),
    }


def main() -> None:
    """Write the bundle `--out`, which must not exist yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--map", type=Path, required=True, help="made by tools.export_map")
    parser.add_argument("--backbone", type=Path, default=Path("work/backbone/tinyusfm.pth"))
    parser.add_argument("--card", type=Path, default=Path("engines/default/MODEL_CARD.md"))
    parser.add_argument("--keep-nrq", type=Path, help="take backbone and organs of this bundle")
    parser.add_argument("--without-nrq", action="store_true", help="the map alone")
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
        "map": map_part(options.data, options.map, files),
        "provenance": {
            "weights": "trained from scratch with tools/train_map.py and tools/train_backbone.py; "
            "not the published TinyUSFM weights",
            "data": "HC18 (CC BY 4.0, doi 10.5281/zenodo.1327317), usgra-seg (CC BY 4.0), "
            "TimTrack data sets 1 and 2 (CC0-1.0), BrEaST (CC BY 4.0), lung pictures under CC BY, "
            "simulated ones",
            "use": "research only, not for diagnosis",
        },
    }
    if options.keep_nrq:
        before = open_bundle(options.keep_nrq)
        document["nrq"] = read_document(before)["nrq"]
        names = [document["nrq"]["file"], *document["nrq"]["organs"]]
        files.update({name: before.read(name) for name in names})
    elif not options.without_nrq:
        document["nrq"] = nrq_part(options.data, options.backbone, files)
    if options.card.exists():
        files["MODEL_CARD.md"] = options.card.read_bytes()
    bundle = write_bundle(options.out, document, files)
    size = sum(len(data) for data in files.values()) / 1e6
    print(f"wrote {bundle.folder}, {len(files)} files, {size:.1f} MB")


if __name__ == "__main__":
    main()
