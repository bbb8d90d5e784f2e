"""`scanmon fit`, put together: the accepted pictures of a site become organ models in a bundle of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanmon.app.settings import Settings
from scanmon.core.errors import OrganModelError, SettingsError
from scanmon.core.ports import Engine
from scanmon.core.values import View
from scanmon.inference.choice import open_engine
from scanmon.lab.fit.organ_models import FitOptions, FittedOrgan, check_size, fit_organ
from scanmon.lab.fit.sampling import Features, Sampling, features
from scanmon.lab.opening import Counted, Study, open_study
from scanmon.lab.pictures import Sample, Skipped, samples
from scanmon.scoring.bundle import Bundle, NrqPart
from scanmon.scoring.bundle_folder import check_free, read_document, read_files, write_bundle
from scanmon.scoring.organ_file import organ_bytes

_FORBIDDEN = set('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class FitStudy:
    """What is fitted from what; see the command's help."""

    clean: Path
    out: Path
    fit: FitOptions
    windows_per_picture: int = 4
    frames_per_cine: int = 8
    keep: bool = False  # the bundle's own organ models too
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FittedSite:
    """The new bundle, how its organ models were made, and the files that could not be read."""

    bundle: Bundle
    organs: list[FittedOrgan]
    skipped: Skipped


def fit_site(settings: Settings, options: FitStudy, progress: Counted) -> FittedSite:
    """Fit every organ, then write the new bundle; nothing is written where one of them cannot be fitted.

    The calibration of nrq is left out of it: scores of other organ models are on another scale. Raises
    `ScanmonError`.
    """
    check_free(options.out)
    found = samples(options.clean, options.leave_out)
    for organ in found:
        if _FORBIDDEN & set(organ):
            raise SettingsError("an organ's name becomes a file name", repr(organ), "rename the folder")
    with open_study(settings, []) as study:
        part = study.bundle.nrq
        if part is None:
            raise SettingsError("this bundle has no backbone", study.bundle.folder, "use another --bundle")
        # the engine alone: a bundle that was just built has no organ models yet
        engine = open_engine(
            study.bundle, part, settings.scoring.backend, settings.scoring.device, strict=True
        )
        with closing(engine):
            every = {
                organ: _features(study, part, engine, own, options, progress) for organ, own in found.items()
            }
        _check_all(every, options.fit)
        fitted = []
        for number, (organ, features_of_organ) in enumerate(every.items()):
            progress("fitting", number, len(every))
            fitted.append(fit_organ(organ, features_of_organ, options.fit))
        return FittedSite(_write(study.bundle, fitted, options), fitted, study.skipped)


def _features(
    study: Study,
    part: NrqPart,
    engine: Engine,
    own: Sequence[Sample],
    options: FitStudy,
    progress: Counted,
) -> Features:
    scoring = study.settings.scoring
    sampling = Sampling(
        patch=part.patch,
        stride=scoring.stride or part.stride,
        windows_per_picture=options.windows_per_picture,
        seed=options.fit.seed,
    )
    name, total = own[0].organ, len(own)

    def views() -> Iterator[View]:
        for number, sample in enumerate(own):
            progress(name, number, total)
            yield from study.views([sample.path], options.frames_per_cine)

    return features(views(), engine, sampling, lambda _: None)


def _check_all(every: dict[str, Features], options: FitOptions) -> None:
    """All organs that are too small at once, so that a site sees the whole list."""
    problems = []
    for organ, own in every.items():
        try:
            check_size(organ, own, options)
        except OrganModelError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise OrganModelError("; ".join(f"{p.where}: {p.what}" for p in problems), "", problems[0].remedy)


def _write(bundle: Bundle, fitted: Sequence[FittedOrgan], options: FitStudy) -> Bundle:
    document, files = read_document(bundle), read_files(bundle)
    part: dict[str, Any] = document["nrq"]
    models = {f"organs/{one.model.name}.npz": organ_bytes(one.model) for one in fitted}
    old = list(part["organs"])
    if not options.keep:
        files = {name: data for name, data in files.items() if name not in old}
        old = []
    part["organs"] = [*(name for name in old if name not in models), *models]
    part.pop("calibration", None)
    counts = ", ".join(f"{one.model.name} {one.pictures}" for one in fitted)
    document["version"] = f"{document['version']}+site"
    document.setdefault("provenance", {})["organs"] = f"fitted on pictures of this site: {counts}"
    return write_bundle(options.out, document, {**files, **models})
