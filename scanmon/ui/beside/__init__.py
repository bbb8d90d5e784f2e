"""What stands beside the scanner: compact panel, second screen, foot switch."""
