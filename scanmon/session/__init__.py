"""Recorded sessions: a store beside a video. Who writes them, who reads them, and what is made of them."""
