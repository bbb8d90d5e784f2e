import tomllib

import pytest

from scanmon.app.analyzers import region_finder
from scanmon.app.settings import ScoringSettings
from scanmon.core.documents import write_toml
from scanmon.core.errors import SettingsError
from scanmon.core.values import Box
from scanmon.picture.region import Rectangle, Sector
from scanmon.ui.setup.presets import Preset, Presets
from scanmon.ui.setup.remembered import COUNT, Recent
from tests.doubles.states import picture


def test_a_preset_keeps_source_region_and_scoring_under_its_key(tmp_path):
    presets = Presets(tmp_path / "presets")
    preset = Preset(
        "Voluson C1-5, fetal",
        3,
        "grabber:usb-1",
        ScoringSettings(metric="map", organ="fetal"),
        Sector(320.0, -60.0, 90.0, 500.0, -35.0, 30.0),
        scanner="Voluson",
        probe="C1-5",
    )
    path = presets.save(preset)
    assert path.name == "3_voluson_c1-5_fetal.toml"
    assert presets.load() == ([preset], [])
    assert presets.get(3) == preset
    assert presets.get(4) is None


def test_the_shape_of_a_preset_becomes_a_region_that_the_analysis_understands(tmp_path):
    presets = Presets(tmp_path / "presets")
    preset = Preset("box", 1, shape=Rectangle(Box(10, 20, 300, 200)))
    region = region_finder(presets.region_option(preset)).find(picture())
    assert region.box == Box(10, 20, 300, 200)


def test_a_preset_takes_its_key_over_from_an_older_one(tmp_path):
    presets = Presets(tmp_path)
    presets.save(Preset("old", 1))
    presets.save(Preset("new", 1))
    assert [preset.name for preset in presets.load()[0]] == ["new"]


@pytest.mark.parametrize(
    "text",
    ["name = 1", 'name = "a"\nkey = 12', 'name = "a"\nkey = 1\nspeed = 3', "no toml", '[scoring]\nx = "y"'],
)
def test_a_broken_preset_is_named_and_the_others_still_work(tmp_path, text):
    presets = Presets(tmp_path)
    presets.save(Preset("good", 2))
    (tmp_path / "1_bad.toml").write_text(text)
    found, errors = presets.load()
    assert [preset.name for preset in found] == ["good"]
    assert len(errors) == 1
    assert "1_bad.toml" in str(errors[0])
    with pytest.raises(SettingsError):
        presets.get(1)


@pytest.mark.parametrize(("name", "key"), [("", 1), ("  ", 1), ("a", 0), ("a", 10)])
def test_a_preset_needs_a_name_and_a_key(tmp_path, name, key):
    with pytest.raises(SettingsError, match="key from 1 to 9"):
        Presets(tmp_path).save(Preset(name, key))


def test_recent_files_come_newest_first_and_only_while_they_are_there(tmp_path):
    recent = Recent(tmp_path / "recent.toml")
    paths = [tmp_path / f"{number}.mp4" for number in range(COUNT + 2)]
    for path in paths:
        path.write_bytes(b"x")
        recent.add(str(path))
    recent.add(str(paths[5]))
    assert len(recent.entries) == COUNT
    assert recent.entries[0] == str(paths[5])
    paths[5].unlink()
    assert Recent(tmp_path / "recent.toml").entries[0] == str(paths[-1])


@pytest.mark.parametrize("content", [b"\xff\xfe not text", b"recent = 3", b"recent = [1, 2]"])
def test_a_damaged_list_of_recent_files_is_named_set_aside_and_replaced(tmp_path, content):
    path = tmp_path / "recent.toml"
    path.write_bytes(content)
    recent = Recent(path)
    assert recent.entries == ()
    assert "recent.toml" in str(recent.error)
    assert "recent.toml.damaged" in str(recent.error)
    assert (tmp_path / "recent.toml.damaged").read_bytes() == content
    recent.add(str(tmp_path))
    assert Recent(path).entries == (str(tmp_path),)
    assert Recent(path).error is None


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path):
    for content in (b"a", b"b"):
        (tmp_path / "recent.toml").write_bytes(content)
        Recent(tmp_path / "recent.toml")
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert kept == {"recent.toml.damaged": b"a", "recent.toml.damaged2": b"b"}


def test_live_addresses_are_remembered_without_user_and_password(tmp_path):
    recent = Recent(tmp_path / "recent.toml")
    for source in ("rtsp://doctor:secret@Scanner:554/live", "phantom:", "grabber:usb-1"):
        recent.add(source)
    assert Recent(tmp_path / "recent.toml").addresses == ("rtsp://scanner:554/live",)
    assert Recent(tmp_path / "recent.toml").last == "grabber:usb-1"
    assert "secret" not in (tmp_path / "recent.toml").read_text()


def test_the_last_five_addresses_come_newest_first(tmp_path):
    recent = Recent(tmp_path / "recent.toml")
    for number in (*range(7), 4):
        recent.add(f"http://scanner{number}/x.mjpg")
    assert recent.addresses == tuple(f"http://scanner{number}/x.mjpg" for number in (4, 6, 5, 3, 2))


def test_a_damaged_preset_is_kept_when_its_key_is_given_away(tmp_path):
    presets = Presets(tmp_path)
    (tmp_path / "1_bad.toml").write_text("no toml")
    (tmp_path / "1_new.toml").write_text("nor this")
    presets.save(Preset("new", 1))
    assert presets.load() == ([Preset("new", 1)], [])
    assert (tmp_path / "1_bad.toml.damaged").read_text() == "no toml"
    assert (tmp_path / "1_new.toml.damaged").read_text() == "nor this"


def test_settings_that_cannot_be_written_are_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="check the rights"):
        write_toml(tmp_path / "file" / "preset.toml", {"a": 1})


def test_the_files_are_plain_toml(tmp_path):
    path = Presets(tmp_path).save(Preset('Größe "x"', 1, "igtl://host:18944/US"))
    assert tomllib.loads(path.read_text())["name"] == 'Größe "x"'


def test_a_preset_is_deleted_by_its_key(tmp_path):
    presets = Presets(tmp_path)
    presets.save(Preset("old", 1))
    presets.save(Preset("kept", 2))
    assert presets.delete(1) == "old"
    assert [preset.name for preset in presets.load()[0]] == ["kept"]
    with pytest.raises(SettingsError, match="no preset"):
        presets.delete(1)
