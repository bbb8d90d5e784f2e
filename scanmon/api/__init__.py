"""The Python interface, a file for each of its names. Import them from `scanmon` itself."""
