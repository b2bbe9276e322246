"""Decisions and words: nothing here needs AWS, Pulumi or the network."""
