"""Every command as a process."""
