"""Everything a person or a script reads of a plan and a result, one module an output. It prints nothing."""
