"""The real Pulumi CLI, run on a copy of this repository's project."""
