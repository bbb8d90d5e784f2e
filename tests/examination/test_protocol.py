"""A protocol that people write: what is wrong in it is named with file, key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanmon.core.errors import SettingsError
from scanmon.core.values import Provenance
from scanmon.examination.protocol import ProtocolView, own_protocols, read_protocol, samples

GOOD = 'title = "Mine"\n[[views]]\nname = "One"\n[[views]]\nname = "Two"\nquality = 55\nhold_s = 3\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read_and_the_rest_has_defaults(tmp_path):
    protocol = read_protocol(written(tmp_path, GOOD))
    assert protocol.title == "Mine"
    assert protocol.views == (ProtocolView("One"), ProtocolView("Two", quality=55.0, hold_s=3.0))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            GOOD.replace("55", "155"),
            "views[1].quality = 155 is not allowed, but a number at least 0 and at most 100",
        ),
        (
            GOOD.replace("hold_s = 3", "hold_s = 0"),
            "views[1].hold_s = 0 is not allowed, but a number at least 0.2",
        ),
        (
            GOOD.replace("quality = 55", 'reach = "good"'),
            "views[1].reach = 'good' is not allowed, but one of",
        ),
        (GOOD.replace("hold_s", "hold"), "views[1].'hold' is an unknown key"),
        (GOOD.replace("Two", "One"), "'One' is there twice"),
        (GOOD.replace('"Two"', '"a\\nb"'), "views[1].name"),
        ('title = "Empty"\nviews = []\n', "views"),
        ('title = "None"\n', "views"),
        ("title = [", "is not valid TOML"),
    ],
)
def test_a_fault_names_file_key_and_what_is_allowed(tmp_path, text, told):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read_protocol(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_samples_are_whole_and_say_what_they_are():
    assert len(samples()) == 4
    assert all("sample" in protocol.title and protocol.note for protocol in samples())


def test_own_protocols_leave_a_faulty_one_out_and_say_why(tmp_path):
    assert own_protocols(tmp_path / "none") == ([], [])
    written(tmp_path, GOOD)
    (tmp_path / "poor.toml").write_text("views = 3")
    found, faults = own_protocols(tmp_path)
    assert [protocol.title for protocol in found] == ["Mine"]
    assert "poor.toml" in str(faults[0])


def test_the_bound_is_the_word_of_the_bundle_unless_a_number_is_given():
    calibrated = Provenance(thresholds=(40.0, 70.0))
    assert ProtocolView("a").bound(calibrated) == 70.0
    assert ProtocolView("a", "marginal").bound(calibrated) == 40.0
    assert ProtocolView("a", quality=12.0).bound(Provenance()) == 12.0
    assert ProtocolView("a").bound(Provenance()) is None
