"""The domain: what an access key is, what is wanted of it, and what that changes.

Standard library only, no clock, no I/O.
"""
