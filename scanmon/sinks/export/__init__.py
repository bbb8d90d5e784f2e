"""A recorded session as files for other programs: `export`, by the ending of the file."""

from scanmon.sinks.export.kinds import ENDINGS, export
from scanmon.sinks.export.material import Material

__all__ = ["ENDINGS", "Material", "export"]
