"""An examination: a protocol of named views, and how far each of them has come."""
