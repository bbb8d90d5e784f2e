"""What the first picture of `scanmon demo` waits for."""

from pathlib import Path

from tests.doubles.commands import python

# each costs tens to hundreds of milliseconds; who needs one imports it where it is used
HEAVY = (
    *("asyncio", "av", "dask", "distributed", "duckdb", "highdicom", "matplotlib", "mss"),
    *("multiprocessing", "onnx", "onnxruntime", "openvino", "pandas", "pyarrow", "pyigtl"),
    *("pyqtgraph", "requests", "scipy", "sklearn", "torch"),
)
_TO_THE_WINDOW = "import scanmon.cli.demo, scanmon.ui.app, scanmon.ui.assembly"
_TO_THE_PICTURE = """
from scanmon.app.demo import DEMO
from scanmon.app.opening import open_recorded
recording = open_recorded(DEMO)
assert next(iter(recording)).pixels.any()
"""


def _imported(code: str) -> set[str]:
    """Top-level modules after `code` in a fresh process."""
    said = python("-c", f"{code}\nimport sys\nprint('modules', *sys.modules)").out
    assert said.startswith("modules ")
    return {name.partition(".")[0] for name in said.split()[1:]}


def test_the_window_comes_up_without_the_libraries_of_sources_engines_and_exports() -> None:
    imported = _imported(_TO_THE_WINDOW)
    assert "PySide6" in imported  # the window itself is there
    assert imported.isdisjoint({*HEAVY, "pydicom"}), imported & {*HEAVY, "pydicom"}


def test_the_first_picture_of_the_demo_needs_pydicom_and_no_other_library() -> None:
    imported = _imported(_TO_THE_PICTURE)
    assert "pydicom" in imported
    # what pydicom itself imports where it is installed is not ours to choose
    by_pydicom = _imported("import pydicom")
    assert (imported - by_pydicom).isdisjoint(HEAVY), (imported - by_pydicom) & set(HEAVY)


_WHERE_QT_IS_IMPORTED = """
import sys, threading, time

class Seen:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            print(threading.current_thread() is threading.main_thread(), name, file=sys.stderr)

sys.meta_path.insert(0, Seen())
from scanmon.cli.bench_window import measure_here
measure_here({"bundle": "default", "demo": True, "started": time.time()})
"""


def test_qt_and_what_rests_on_it_are_imported_on_the_window_s_thread_alone(tmp_path: Path) -> None:
    said = python("-c", _WHERE_QT_IS_IMPORTED, home=tmp_path)
    seen = [line.split() for line in said.err.splitlines() if line.startswith(("True ", "False "))]
    assert ["True", "pyqtgraph"] in seen
    assert [name for here, name in seen if here == "False"] == []
