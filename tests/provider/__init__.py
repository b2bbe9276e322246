"""The real provider process, driven over gRPC as the engine drives it."""
