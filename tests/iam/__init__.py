"""The AWS edge, and what switches keys through it, against the sandbox."""
