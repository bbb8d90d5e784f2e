"""The language of the user, where there is a translation."""

from __future__ import annotations

from importlib.resources import as_file, files

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator


def install_translation(app: QCoreApplication, locale: QLocale | None = None) -> list[QTranslator]:
    """Load scanmon's own texts and Qt's for `locale` (None: the system's); English needs none.

    Returns what was installed; the application owns it.
    """
    chosen = locale or QLocale.system()
    installed = []
    with as_file(files("scanmon.ui") / "translations") as folder:
        for name, place in (
            ("scanmon", str(folder)),
            ("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        ):
            translator = QTranslator(app)
            if translator.load(chosen, name, "_", place):
                app.installTranslator(translator)
                installed.append(translator)
    return installed
