"""Words plans and results for people and scripts, one module per output. Prints nothing."""
