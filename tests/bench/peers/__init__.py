"""Who is measured: one module each, all of the same shape (`peer.py`)."""
