"""The words that everybody uses: values, ports, errors, columns; and how files are written."""
