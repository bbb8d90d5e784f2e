"""A recorded session as files for other programs: `export`, by the ending of the file."""

from scanmon.session.export.kinds import ENDINGS, export
from scanmon.session.export.material import Material

__all__ = ["ENDINGS", "Material", "export"]
