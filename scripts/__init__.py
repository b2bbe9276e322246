"""What runs the project from a checkout: the demo, and the Pulumi CLI it, the tests and the benchmarks use."""
