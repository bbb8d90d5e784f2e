"""The record of a reading: the promise of docs/formats.md, key by key."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from scanmon.core.records import (
    DROPPED,
    dropped_row,
    error_row,
    flat,
    reading_from,
    row,
    second_from,
    session_row,
)
from scanmon.core.schema import FIELDS, SESSION
from scanmon.core.values import (
    Analysis,
    Box,
    EngineName,
    Frame,
    Parts,
    Provenance,
    Reading,
    Reason,
    Region,
    Verdict,
)

ENGINE = EngineName("onnxruntime", "fp32")
PROVENANCE = Provenance("liver.mp4", "default-0.1.0", (ENGINE,))
FULL = Reading(
    frame=7,
    time_s=0.28,
    metric="nrq",
    score=440.65,
    quality=81.5,
    steady=80.0,
    verdict=Verdict.ADEQUATE,
    region=Box(10, 20, 300, 280),
    worst=Box(50, 60, 112, 112),
    organ="Liver",
    patches=20,
    coverage=1.0,
    oldest_s=0.125,
    preprocess_ms=0.5,
    engine_ms=40.0,
    head_ms=1.0,
    engine=ENGINE,
)

CONTRACT = [
    *("source", "frame", "time_s", "state", "reason", "metric", "score", "quality", "steady"),
    *("verdict", "parts", "familiar", "region", "worst", "organ", "patches", "coverage", "age_ms"),
    *("bundle", "backend", "precision", "preprocess_ms", "engine_ms", "head_ms", "pending", "view"),
]


def analysed(*readings: Reading) -> Analysis:
    frame = Frame(np.zeros((40, 40), np.uint8), readings[0].frame, readings[0].time_s, 0.0)
    return Analysis(frame, Region(Box(0, 0, 40, 40)), readings, None, PROVENANCE)


def test_a_record_has_the_keys_of_the_contract_in_their_order() -> None:
    assert list(row(analysed(FULL))) == CONTRACT == list(FIELDS)
    assert list(row(analysed(Reading(frame=0, time_s=0.0, metric="map")))) == CONTRACT


def test_a_scored_frame_gives_plain_values_that_json_can_hold() -> None:
    record = json.loads(json.dumps(row(analysed(FULL)), allow_nan=False))
    assert record["state"] == "scored"
    assert record["reason"] is None
    assert record["verdict"] == "adequate"
    assert record["region"] == [10, 20, 300, 280]
    assert record["worst"] == [50, 60, 112, 112]
    assert record["score"] == 440.65
    assert record["age_ms"] == 125.0


def test_the_age_of_the_picture_wins_over_the_age_of_the_score() -> None:
    assert row(analysed(FULL), age_ms=33.0)["age_ms"] == 33.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_become_null(bad: float) -> None:
    reading = Reading(frame=0, time_s=0.0, metric="nrq", score=bad, quality=bad, engine_ms=bad)
    record = row(analysed(reading), age_ms=bad)
    assert [record[key] for key in ("score", "quality", "engine_ms", "age_ms")] == [None] * 4


def test_numpy_scalars_become_plain_numbers() -> None:
    reading = Reading(
        frame=np.int64(3),  # type: ignore[arg-type]
        time_s=np.float64(0.5),
        metric="map",
        score=np.float32(-0.25),  # type: ignore[arg-type]
        patches=np.int32(4),  # type: ignore[arg-type]
    )
    record = json.loads(json.dumps(row(analysed(reading))))
    assert (record["frame"], record["score"], record["patches"]) == (3, -0.25, 4)


def test_a_suspended_frame_says_why() -> None:
    record = row(analysed(Reading(frame=1, time_s=0.1, metric="nrq", reason=Reason.FROZEN)))
    assert (record["state"], record["reason"], record["score"]) == ("suspended", "frozen", None)


def test_a_file_that_cannot_be_read_gives_the_same_keys_and_an_error() -> None:
    record = error_row("broken.png", "is no picture, broken.png, look at it in a viewer")
    assert list(record) == [*CONTRACT, "error"]
    assert {key for key, value in record.items() if value is not None} == {"source", "error"}


def test_a_record_can_be_read_back_nested_and_flat() -> None:
    known = replace(FULL, parts=Parts(light=90.0, noise=12.5), familiar=0.75, outdated_s=0.0)
    record = json.loads(json.dumps(row(analysed(known))))
    assert record["parts"]["light"] == 90.0
    assert record["parts"]["clutter"] is None
    assert reading_from(record) == known
    assert flat(record)["part_noise"] == 12.5
    assert reading_from(flat(record)) == known


def test_a_row_of_a_session_is_flat_and_holds_the_other_metric() -> None:
    second = Reading(
        frame=7,
        time_s=0.28,
        metric="map",
        score=-0.5,
        quality=60.0,
        steady=61.0,
        engine=EngineName("openvino", "bf16"),
    )
    record = session_row(analysed(FULL, second))
    assert list(record) == [column.name for column in SESSION]
    assert (record["second_metric"], record["second_steady"]) == ("map", 61.0)
    assert record["second_backend"] == "openvino"
    assert record["captured_s"] is None
    assert "parts" not in record
    read = (reading_from(record), second_from(record))
    assert read == (replace(FULL, outdated_s=0.0), replace(second, outdated_s=0.0))  # withdrawn before


def test_dropped_frames_and_errors_have_no_reading() -> None:
    dropped = dropped_row(9, None, PROVENANCE)
    assert list(dropped) == [column.name for column in SESSION]
    assert (dropped["state"], dropped["reason"], dropped["time_s"]) == ("suspended", DROPPED, None)
    assert reading_from(dropped) is None
    assert reading_from(error_row("a", "b")) is None
