"""What a program declares, with Pulumi's mocks for the engine and the sandbox for AWS."""
