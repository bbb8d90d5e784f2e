"""What tests share lies in tests/doubles, so that a test module can be moved or changed alone."""

import re
from pathlib import Path


def test_no_test_module_imports_another() -> None:
    folder = Path(__file__).parent
    importing = re.compile(r"^\s*(from|import) tests\.([a-z0-9_]+\.)*test_", re.MULTILINE)
    modules = list(folder.rglob("*.py"))
    assert len(modules) > 100
    assert [
        str(path.relative_to(folder)) for path in modules if importing.search(path.read_text("utf-8"))
    ] == []
