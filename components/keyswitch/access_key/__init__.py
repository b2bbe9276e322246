"""The domain: access keys, their wanted states, and the changes between the two.

Standard library only, no clock, no I/O.
"""
