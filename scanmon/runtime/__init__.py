"""The threads: mailbox, monitor, playback."""
