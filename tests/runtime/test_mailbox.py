import threading

import pytest

from scanmon.runtime.mailbox import Closed, Mailbox
from tests.doubles.scenes import PATIENCE_S


def test_newest_replaces_what_nobody_took_and_counts_it() -> None:
    box: Mailbox[int] = Mailbox("newest")
    for number in range(5):
        box.put(number)
    assert box.get() == 4
    assert box.dropped == 4


def test_every_waits_until_the_item_before_was_taken() -> None:
    box: Mailbox[int] = Mailbox("every")
    taken: list[int | None] = []
    sender = threading.Thread(target=lambda: [box.put(n) for n in range(100)], name="scanmon-test-sender")
    sender.start()
    for _ in range(100):
        taken.append(box.get())
    sender.join(PATIENCE_S)
    assert taken == list(range(100))
    assert box.dropped == 0


def test_what_was_put_before_close_is_still_delivered() -> None:
    box: Mailbox[str] = Mailbox("newest")
    box.put("last")
    box.close()
    assert box.get() == "last"
    with pytest.raises(Closed):
        box.get()
    with pytest.raises(Closed):
        box.put("late")


@pytest.mark.parametrize("release", ["close", "wake"])
def test_a_waiting_get_is_released(release: str) -> None:
    box: Mailbox[int] = Mailbox("newest")
    outcome: list[object] = []

    def wait() -> None:
        try:
            outcome.append(box.get())
        except Closed:
            outcome.append("closed")

    waiter = threading.Thread(target=wait, name="scanmon-test-waiter")
    waiter.start()
    getattr(box, release)()
    waiter.join(PATIENCE_S)
    assert outcome == (["closed"] if release == "close" else [None])


def test_close_releases_a_producer_that_waits() -> None:
    box: Mailbox[int] = Mailbox("every")
    box.put(1)
    outcome: list[str] = []

    def put() -> None:
        try:
            box.put(2)
        except Closed:
            outcome.append("closed")

    producer = threading.Thread(target=put, name="scanmon-test-producer")
    producer.start()
    box.close()
    producer.join(PATIENCE_S)
    assert outcome == ["closed"]
