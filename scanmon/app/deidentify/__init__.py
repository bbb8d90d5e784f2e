"""Material that can be passed on: the sector alone, without letters, without what names a person."""
