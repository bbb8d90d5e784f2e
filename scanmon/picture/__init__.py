"""What a frame shows: where the sector is, and whether it is a live B-mode picture."""
