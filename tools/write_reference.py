"""Write every page that follows from the code, after a change of an option or a setting.

python -m tools.write_reference
"""

from __future__ import annotations

from tools import write_commands, write_manual, write_settings

WRITERS = (write_commands, write_manual, write_settings)

if __name__ == "__main__":
    for writer in WRITERS:
        writer.PAGE.write_text(writer.page(), encoding="utf-8")
