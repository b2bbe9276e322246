"""The peers that the benchmark measures, one module each, with the interface of `peer.py`."""
