"""The Pulumi edge: the only place that imports pulumi."""
