"""Capture devices: ids that survive a replug, and a good choice of format."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scanmon.core.errors import SourceError
from scanmon.sources import grabber
from scanmon.sources.devices import (
    Device,
    Mode,
    best_mode,
    find_device,
    list_devices,
    nearest_size,
    stable_id,
    v4l2_devices,
)
from scanmon.sources.opening import open_live
from scanmon.sources.pyav_live import LOW_DELAY
from tests.doubles.devices import plug_in
from tests.doubles.watch import Watch

linux = pytest.mark.skipif(sys.platform != "linux", reason="Video4Linux is Linux")


@linux
@pytest.mark.parametrize(
    ("device", "known_as"),
    [
        ((0, "1-2", "SN42"), "usb-1164:f531-SN42"),
        ((3, "2-1.4", "SN42"), "usb-1164:f531-SN42"),  # at another socket, with another number
        ((0, "1-2", None), "usb-1164:f531@1-2"),  # without a serial number the socket tells
        ((1, "1-3", None), "usb-1164:f531@1-3"),
        ((1, "1-2", "SN42", 1), "usb-1164:f531-SN42.1"),  # a second node of the device
        ((0, "vivid.0", None, 0, False), "vivid.0:1.0"),  # not USB: known by its place
    ],
)
def test_a_device_has_an_id_that_survives_a_replug(tmp_path, device, known_as) -> None:
    assert stable_id(plug_in(tmp_path, *device)) == known_as


@linux
def test_a_node_that_cannot_be_opened_is_left_out(tmp_path: Path) -> None:
    plug_in(tmp_path, 987, "1-2", "SN42")
    assert v4l2_devices(tmp_path) == ()


def test_listing_works_on_a_machine_without_devices() -> None:
    assert all(device.id and device.name for device in list_devices())


def test_a_device_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(SourceError, match=r"no-such-device: .*not plugged in; there is: "):
        find_device("no-such-device")


def test_a_device_that_is_not_there_yet_is_waited_for() -> None:
    source = open_live("grabber:no-such-device")
    with Watch(source) as watch:
        watch.until(lambda: "not plugged in" in (getattr(source, "trouble", None) or ""))
        assert source.state == "connecting"
        assert watch.error is None


@pytest.mark.parametrize(
    "wrong",
    ["grabber:", "grabber:x?size=big", "grabber:x?rate=fast", "grabber:x?colour=red", "grabber:x?size="],
)
def test_a_wrong_form_is_refused(wrong: str) -> None:
    with pytest.raises(SourceError, match="scanmon devices"):
        open_live(wrong)


@pytest.mark.parametrize(
    ("modes", "chosen"),
    [
        # full size is offered fluently only compressed
        ([("yuyv422", 1920, 5), ("mjpeg", 1920, 30), ("yuyv422", 640, 60)], ("mjpeg", 1920)),
        # uncompressed costs nothing
        ([("mjpeg", 1920, 60), ("yuyv422", 1920, 60)], ("yuyv422", 1920)),
        # a still-picture mode is no mode
        ([("mjpeg", 3840, 5), ("mjpeg", 1280, 30)], ("mjpeg", 1280)),
        # a device that reports 0 fps
        ([("yuyv422", 720, 0)], ("yuyv422", 720)),
    ],
)
def test_the_largest_fluent_format_is_asked_for(modes, chosen) -> None:
    offered = tuple(
        Mode(name, width, width * 9 // 16, (float(rate),) if rate else ()) for name, width, rate in modes
    )
    best = best_mode(offered)
    assert (best.format_name, best.width) == chosen


@pytest.mark.parametrize(
    ("sizes", "scales", "asked"),
    [
        ([(320, 180), (640, 360)], False, (320, 180)),
        ([(640, 360), (1920, 1080)], False, (640, 360)),
        ([(1920, 1080)], True, (333, 222)),  # any size up to this one
        ([], False, (333, 222)),
    ],
)
def test_a_size_that_the_device_does_not_have_is_not_asked_for(sizes, scales, asked) -> None:
    modes = tuple(Mode("yuyv422", width, height, (30.0,), scales) for width, height in sizes)
    assert nearest_size(modes, 333, 222) == asked


def test_no_format_is_asked_for_where_none_is_known() -> None:
    assert best_mode(()) is None


@pytest.mark.parametrize(
    ("platform", "listed", "told", "opened"),
    [
        (
            "win32",
            [
                ("@device_pnp_usb#vid_1", "Grabber Ünï", ["video"]),
                ("@device_cm_wave", "Microphone", ["audio"]),
            ],
            Device("@device_pnp_usb#vid_1", "Grabber Ünï", "@device_pnp_usb#vid_1"),
            ("video=@device_pnp_usb#vid_1", "dshow", {"video_size": "1280x720", "framerate": "60"}),
        ),
        (
            "darwin",
            [("0", "Grabber Ünï", None)],
            Device("Grabber Ünï", "Grabber Ünï", "0"),
            ("0:none", "avfoundation", {"video_size": "1280x720", "framerate": "60"}),
        ),
    ],
)
def test_on_windows_and_macos_video_devices_are_listed_and_opened_by_their_own_names(
    platform: str, listed: list[tuple[str, str, list[str] | None]], told: Device, opened, monkeypatch
) -> None:
    """With what FFmpeg is asked for there; the systems themselves are not at hand."""
    asked: dict[str, object] = {}

    def enumerate_devices(kind: str) -> list[SimpleNamespace]:
        asked["kind"] = kind
        return [
            SimpleNamespace(name=name, description=text, **({"media_types": media} if media else {}))
            for name, text, media in listed
        ]

    def arrivals(where: str, address: str, *, format_name: str, options: dict[str, str], **other):
        asked["opened"] = address, format_name, {k: v for k, v in options.items() if k not in LOW_DELAY}
        asked["device"] = other["device"]
        yield from ()

    monkeypatch.setattr("scanmon.sources.devices.sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr("av.device.enumerate_input_devices", enumerate_devices)
    monkeypatch.setattr("scanmon.sources.grabber.arrivals", arrivals)
    assert list_devices() == (told,)
    wishes = {"size": "1280x720", "rate": "60", "format": "mjpeg"}
    assert list(grabber._feed(find_device(told.id), wishes, None)) == []
    assert asked == {"kind": opened[1], "opened": opened, "device": None}
    with pytest.raises(SourceError, match=f"there is: {told.id}"):
        find_device("another")
