"""The benchmark, `make bench`: whole processes against the sandbox, side by side with the peers that are there."""
