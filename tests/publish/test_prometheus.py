"""The page that Prometheus reads."""

import contextlib
import re
import socket
import struct
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from scanmon.core.errors import SinkError
from scanmon.core.values import Reason
from scanmon.publish.prometheus import PrometheusSink
from scanmon.publish.server import MAX_CLIENTS
from tests.doubles.results import result
from tests.doubles.scenes import PATIENCE_S


@pytest.fixture
def sink() -> Iterator[PrometheusSink]:
    sink = PrometheusSink(port=0, stale_s=PATIENCE_S)
    yield sink
    sink.close()


def page(sink: PrometheusSink) -> dict[str, float]:
    """What the server answers, as `name{labels}` -> value."""
    with urllib.request.urlopen(f"http://127.0.0.1:{sink.port}/metrics", timeout=PATIENCE_S) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        lines = answer.read().decode().splitlines()
    form = re.compile(r'# (HELP|TYPE) scanmon_\w+ .+|scanmon_\w+(\{\w+="\w+"\})? -?[0-9.e+]+')
    assert all(form.fullmatch(line) for line in lines)
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}


def test_results_are_counted_by_what_became_of_them(sink: PrometheusSink) -> None:
    for index in range(5):
        sink.write(result(index))
    sink.write(result(5, Reason.FROZEN))
    sink.write(result(6, Reason.NO_SIGNAL))
    sink.write(result(7, Reason.FROZEN))
    values = page(sink)
    assert values["scanmon_scored_frames_total"] == 5
    assert values['scanmon_suspended_frames_total{reason="frozen"}'] == 2
    assert values['scanmon_suspended_frames_total{reason="no_signal"}'] == 1
    assert values['scanmon_verdict_frames_total{verdict="adequate"}'] == 5
    assert values['scanmon_verdict_frames_total{verdict="inadequate"}'] == 0


def test_the_newest_quality_is_given_while_it_is_live(sink: PrometheusSink) -> None:
    sink.write(result())
    values = page(sink)
    assert values["scanmon_live"] == 1
    assert values['scanmon_quality{metric="map"}'] == 72.5
    assert values["scanmon_capture_to_score_ms"] >= 0
    sink.write(result(1, Reason.FROZEN))
    values = page(sink)
    assert values["scanmon_live"] == 0
    assert not any(name.startswith("scanmon_quality") for name in values)


def test_an_old_score_is_not_given_out_as_if_it_were_new() -> None:
    sink = PrometheusSink(port=0, stale_s=0.0)
    sink.write(result())
    values = page(sink)
    sink.close()
    assert "scanmon_live" not in values
    assert values["scanmon_scored_frames_total"] == 1


def test_before_the_first_result_the_page_is_there(sink: PrometheusSink) -> None:
    assert page(sink)["scanmon_scored_frames_total"] == 0


def test_other_pages_are_not(sink: PrometheusSink) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{sink.port}/secret", timeout=PATIENCE_S)


def test_it_listens_on_loopback_alone_and_says_when_the_port_is_taken(sink: PrometheusSink) -> None:
    assert sink._server.server_address[0] == "127.0.0.1"
    with pytest.raises(SinkError, match=f"127.0.0.1:{sink.port}: cannot listen"):
        PrometheusSink(port=sink.port)


def test_clients_that_reset_or_dawdle_leave_it_serving_and_silent(sink, capfd, monkeypatch) -> None:
    monkeypatch.setattr(type(sink._server), "patience_s", 0.2)
    slow = [socket.create_connection(("127.0.0.1", sink.port), PATIENCE_S) for _ in range(3 * MAX_CLIENTS)]
    for one in slow:
        with contextlib.suppress(OSError):  # those over the limit are closed already
            one.sendall(b"GET /metr")
    for _ in range(40):
        one = socket.create_connection(("127.0.0.1", sink.port), PATIENCE_S)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()  # a reset
    assert len(sink._server.since_s) <= MAX_CLIENTS
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            assert page(sink)["scanmon_scored_frames_total"] == 0
            break
        except OSError:
            assert time.monotonic() < end_s
    for one in slow:
        one.close()
    assert capfd.readouterr().err == ""
