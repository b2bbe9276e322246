"""The command `keyswitch`: plan and apply without the engine, and the sandbox. Loads pulumi never, moto on request."""
