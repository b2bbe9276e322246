"""The benchmark, `make bench`: measures whole processes against the sandbox, beside the installed peers."""
