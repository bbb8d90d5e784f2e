"""Formats of research. NumPy and MetaImage need nothing more; the others need the extra `research`."""
