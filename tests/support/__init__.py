"""What tests share: keys, fakes, processes and scenarios."""
