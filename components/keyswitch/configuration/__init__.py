"""The stack configuration: what may be written, where it was written, and what it means."""
