"""The Pulumi adapter. No other package imports pulumi."""
