"""Stands before the real pip on the path of the projects on the engine; see `__main__`."""
