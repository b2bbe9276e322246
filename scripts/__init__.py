"""Runs the project from a checkout: the demo, and the Pulumi CLI for the demo, the tests and the benchmarks."""
