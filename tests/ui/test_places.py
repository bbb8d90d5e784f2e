"""Where things of the user lie: configuration once by name, megabytes with the data."""

from pathlib import Path

from scanmon.ui.state.places import bundles_folder, config_folder, move_in


def test_configuration_has_the_name_once_and_bundles_are_data(home: Path) -> None:
    assert config_folder() == home / "config" / "scanmon"
    assert bundles_folder() == home / "data" / "scanmon" / "bundles"


def test_what_an_earlier_version_kept_is_brought_over_once(tmp_path: Path) -> None:
    config, bundles = tmp_path / "config" / "scanmon", tmp_path / "data" / "scanmon" / "bundles"
    former = config / "scanmon"
    (former / "presets").mkdir(parents=True)
    (former / "presets" / "1_liver.toml").write_text("key = 1\n")
    (former / "bundles" / "mine").mkdir(parents=True)
    (former / "recent.toml").write_text("old\n")
    (config / "recent.toml").write_text("new\n")
    for _ in range(2):
        move_in(config, bundles)
    assert (config / "presets" / "1_liver.toml").is_file()
    assert (bundles / "mine").is_dir()
    assert (config / "recent.toml").read_text() == "new\n"
    assert [entry.name for entry in former.iterdir()] == ["recent.toml"]
