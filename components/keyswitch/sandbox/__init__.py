"""A local IAM on loopback, for trying out, rehearsing and testing. Never loaded by what switches real keys."""
