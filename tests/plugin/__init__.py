"""The process of the real provider, over gRPC."""
