"""Reads and checks the stack configuration: accepted values, their lines, their meaning. Asks nothing of AWS."""
