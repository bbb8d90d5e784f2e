"""The examination in the window: start, checklist beside the picture, the page at the end."""
