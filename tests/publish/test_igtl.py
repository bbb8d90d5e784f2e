"""The OpenIGTLink server, watched by a client of another library."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from scanmon.core.errors import SinkError
from scanmon.core.schema import FIELDS
from scanmon.core.values import Analysis, Reason
from tests.doubles.results import result
from tests.doubles.scenes import PATIENCE_S, wait_until

pyigtl = pytest.importorskip("pyigtl", reason="no pyigtl: pip install 'scanmon[igtl]'")

from scanmon.publish import igtl  # noqa: E402
from scanmon.publish.igtl import IgtlSink, messages  # noqa: E402


@pytest.fixture
def sink() -> Iterator[IgtlSink]:
    sink = IgtlSink(port=0)
    yield sink
    sink.close()


@pytest.fixture
def client(sink: IgtlSink) -> Iterator[object]:
    client = pyigtl.OpenIGTLinkClient("127.0.0.1", sink.port)
    wait_until(lambda: sink.clients == 1)
    yield client
    client.stop()


def test_a_client_gets_frame_heatmap_and_score_of_one_result(sink: IgtlSink, client: object) -> None:
    analysis = result(7)
    sink.write(analysis)
    frame, heat, score = (
        client.wait_for_message(name, timeout=PATIENCE_S)  # type: ignore[attr-defined]
        for name in ("ScanmonFrame", "ScanmonHeatmap", "ScanmonScore")
    )
    assert frame.image.shape == heat.image.shape == (1, 80, 100)
    assert np.array_equal(frame.ijk_to_world_matrix, heat.ijk_to_world_matrix)
    assert frame.ijk_to_world_matrix[:2, 3].tolist() == [30, 30]
    assert heat.image[0, 40, 2] == 10
    assert heat.image[0, 40, 97] == 90
    record = json.loads(score.string)
    assert list(record) == list(FIELDS)
    assert (record["frame"], record["quality"], record["verdict"]) == (7, 72.5, "adequate")
    assert record["age_ms"] >= 0
    assert frame.timestamp == pytest.approx(time.time(), abs=2 * PATIENCE_S)


def test_nothing_outside_the_sector_is_sent(sink: IgtlSink, client: object) -> None:
    sink.write(result())
    image = client.wait_for_message("ScanmonFrame", timeout=PATIENCE_S).image[0]  # type: ignore[attr-defined]
    assert image.max() == 90
    assert image[:10, :10].max() == 0


def test_a_picture_without_a_known_sector_is_not_sent_and_its_result_is(sink, client) -> None:
    sink.write(result(origin="full"))
    assert client.wait_for_message("ScanmonScore", timeout=PATIENCE_S) is not None  # type: ignore[attr-defined]
    assert client.wait_for_message("ScanmonFrame", timeout=0) is None  # type: ignore[attr-defined]


def test_a_suspended_result_has_no_heatmap(sink: IgtlSink, client: object) -> None:
    sink.write(result(reason=Reason.FROZEN))
    record = json.loads(client.wait_for_message("ScanmonScore", timeout=PATIENCE_S).string)  # type: ignore[attr-defined]
    assert (record["state"], record["reason"], record["score"]) == ("suspended", "frozen", None)
    assert client.wait_for_message("ScanmonHeatmap", timeout=0) is None  # type: ignore[attr-defined]


def test_a_client_that_vanishes_is_dropped_and_the_others_go_on(sink: IgtlSink, client: object) -> None:
    rude = socket.create_connection(("127.0.0.1", sink.port))
    wait_until(lambda: sink.clients == 2)
    rude.close()
    wait_until(lambda: sink.clients == 1)
    sink.write(result(3))
    assert client.wait_for_message("ScanmonScore", timeout=PATIENCE_S) is not None  # type: ignore[attr-defined]


def test_a_client_that_reads_nothing_neither_holds_up_nor_fills_memory(sink, client) -> None:
    with socket.create_connection(("127.0.0.1", sink.port)) as deaf:
        wait_until(lambda: sink.clients == 2)
        took_s = []
        for index in range(400):
            start_s = time.monotonic()
            sink.write(result(index))
            took_s.append(time.monotonic() - start_s)
        assert np.percentile(took_s, 90) < 0.25  # the rest is the machine's, which may be busy

        def newest_came() -> bool:
            message = client.wait_for_message("ScanmonScore", timeout=1)  # type: ignore[attr-defined]
            return message is not None and json.loads(message.string)["frame"] == 399

        wait_until(newest_came)
        assert deaf.fileno() > 0


def test_rubbish_from_a_client_does_no_harm(sink: IgtlSink, client: object) -> None:
    with socket.create_connection(("127.0.0.1", sink.port)) as rude:
        rude.sendall(np.random.default_rng(1).bytes(100_000))
        sink.write(result(5))
        assert client.wait_for_message("ScanmonScore", timeout=PATIENCE_S) is not None  # type: ignore[attr-defined]


def test_it_listens_on_loopback_alone_and_says_when_the_port_is_taken(sink: IgtlSink) -> None:
    assert sink._server.server_address[0] == "127.0.0.1"
    with pytest.raises(SinkError, match=f"127.0.0.1:{sink.port}: cannot listen"):
        IgtlSink(port=sink.port)


def test_a_result_is_packed_once_for_all_clients(sink: IgtlSink, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[int] = []
    two = threading.Barrier(2)

    def pack(analysis: Analysis, wall_s: float) -> bytes:
        packed.append(analysis.frame.index)
        with contextlib.suppress(threading.BrokenBarrierError):
            two.wait(0.5)  # for another that packs the same
        return messages(analysis, wall_s)

    monkeypatch.setattr(igtl, "messages", pack)
    clients = [socket.create_connection(("127.0.0.1", sink.port), PATIENCE_S) for _ in range(3)]
    wait_until(lambda: sink.clients == 3)
    sink.write(result(7))
    for client in clients:
        assert client.recv(4)
        client.close()
    assert packed == [7]


def test_a_result_that_cannot_be_packed_is_told(sink: IgtlSink, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise ValueError("no number")

    def told() -> bool:
        try:
            sink.write(result())
        except SinkError as error:
            return "cannot be packed (ValueError: no number)" in str(error)
        return False

    monkeypatch.setattr(igtl, "messages", fail)
    with socket.create_connection(("127.0.0.1", sink.port)):
        wait_until(lambda: sink.clients == 1)
        wait_until(told)


def test_a_host_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(SinkError, match="cannot listen"):
        IgtlSink("a\0b", 0)


def test_a_server_without_a_client_takes_results_and_closes_twice() -> None:
    sink = IgtlSink(port=0)
    sink.write(result())
    sink.close()
    sink.close()


def test_our_own_source_reads_what_our_sink_sends(sink: IgtlSink) -> None:
    from scanmon.sources.opening import open_live
    from tests.doubles.watch import Watch

    with Watch(open_live(f"igtl://127.0.0.1:{sink.port}/ScanmonFrame")) as watch:
        wait_until(lambda: sink.clients == 1)
        sink.write(result())
        watch.until(lambda: bool(watch.frames))
        assert watch.frames[0].pixels.shape == (80, 100)
        assert watch.frames[0].pixels[50, 50] == 90
        sink.close()  # or the source would wait for another picture before it ends
