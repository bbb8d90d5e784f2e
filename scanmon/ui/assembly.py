"""Puts the parts of the window together."""

from typing import NamedTuple

from PySide6.QtWidgets import QFileDialog, QMessageBox

from scanmon import __version__
from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.core.errors import ScanmonError, SettingsError
from scanmon.ui.beside.beside_controller import BesideController
from scanmon.ui.commands import HelpDialog
from scanmon.ui.compare import CompareController
from scanmon.ui.controller import Controller
from scanmon.ui.engines.engine_controller import EngineController
from scanmon.ui.examination.examination_controller import ExaminationController
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.bookmarking import Bookmarking
from scanmon.ui.monitor.recording_controller import Exporting, RecordingController
from scanmon.ui.monitor.regions_of_interest import RoiController
from scanmon.ui.monitor_factory import MonitorFactory, OpenRun
from scanmon.ui.setup.remembered import Recent, RememberedRegions
from scanmon.ui.setup.setup_controller import SetupController
from scanmon.ui.state.errors import error_text
from scanmon.ui.state.own_files import restore_view, save_view
from scanmon.ui.state.places import bundles_folder, config_folder, move_in, pictures_folder, sessions_folder
from scanmon.ui.state.texts import disclaimer, translate
from scanmon.ui.widgets import RecordingDialog


class Assembled(NamedTuple):
    """The parts of a window that its owner speaks to; the owner shuts the controller down."""

    controller: Controller
    setting_up: SetupController
    examining: ExaminationController
    factory: MonitorFactory


def assemble(window: MonitorWindow, run: Run, open_monitor: OpenRun = open_monitor) -> Assembled:
    """Controllers and pages for a window. Nothing is opened yet."""
    config, bundles = config_folder(), bundles_folder()
    damaged: list[Exception] = []
    try:
        move_in(config, bundles)
    except OSError as error:
        damaged.append(error)
    remembered = RememberedRegions(config / "regions")
    factory = MonitorFactory(run, sessions_folder(), remembered, open_monitor)
    controller = Controller(window, factory.open)
    recent = Recent(config / "recent.toml")
    recording = RecordingController(
        window, controller, pictures_folder(), factory.recorder, cleared=factory.cleared
    )
    Bookmarking(window, controller, recording)
    setting_up = SetupController(window, controller, factory, recent, remembered, config, bundles)
    engines = EngineController(window, controller, factory, bundles)
    engines.bundle_chosen.connect(setting_up.use_bundle)
    recording.setObjectName("recording")
    examining = ExaminationController(window, controller, recording, config / "protocols")
    window.preset_requested.connect(
        lambda key: examining.choose(key - 1) if examining.running else setting_up.use_preset(key)
    )
    damaged += [recent.error] if recent.error else []
    try:
        restore_view(window, config / "view.toml")
    except SettingsError as error:
        damaged.append(error)
    beside = BesideController(window, controller, config / "beside.toml")
    damaged += [beside.error] if beside.error else []
    window.page.side.show_note("\n".join(map(error_text, damaged)))
    window.closing.connect(lambda: save_view(window, config / "view.toml"))
    Exporting(window, controller)
    RoiController(window, controller)
    comparing = CompareController(window, controller, factory.open_beside, sessions_folder())
    controller.shutting_down.connect(comparing.shut_down)

    def remember(source: str) -> None:
        try:
            recent.add(source)
        except ScanmonError as error:
            window.page.side.show_note(error_text(error))
        window.show_recent(recent.entries)

    controller.source_opened.connect(remember)
    controller.register("open", lambda: _ask_for_file(window))
    controller.register("open_folder", lambda: _ask_for_folder(window))
    controller.register("help", lambda: HelpDialog(window).open())
    controller.register("about", lambda: _about(window))
    window.show_recent(recent.entries)
    return Assembled(controller, setting_up, examining, factory)


def _ask_for_file(window: MonitorWindow) -> None:
    dialog = RecordingDialog(window, translate("Assembly", "Open recording"), sessions_folder())
    dialog.fileSelected.connect(window.open_requested)
    dialog.open()


def _ask_for_folder(window: MonitorWindow) -> None:
    """Of DICOM files or pictures, or a recorded session."""
    dialog = QFileDialog(window, translate("Assembly", "Open folder"), str(sessions_folder()))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(window.open_requested)
    dialog.open()


def _about(window: MonitorWindow) -> None:
    text = translate("Assembly", "scanmon {0}: real-time monitor of ultrasound image quality.").format(
        __version__
    )
    box = QMessageBox(window)
    box.setWindowTitle("scanmon")
    box.setText(text)
    box.setInformativeText(disclaimer())
    box.open()
