"""Whether a picture is live B-mode."""
