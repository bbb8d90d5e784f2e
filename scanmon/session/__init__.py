"""What a recorded session looks like on disk: the names and forms that its writer and its reader share.

Pure functions; docs/formats.md describes the folder for people.
"""
