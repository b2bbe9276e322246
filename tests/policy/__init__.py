"""The policy pack in policy/: its rules one by one in the pack's environment, and on the real engine."""
