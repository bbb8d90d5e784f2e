"""Organ models from clean pictures of a site."""
