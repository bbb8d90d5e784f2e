"""How fast every stage is on this machine."""
