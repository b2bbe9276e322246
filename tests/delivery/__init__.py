"""Tests of the workflows: their scripts as processes, against a GitHub on loopback; and the workflow files."""
