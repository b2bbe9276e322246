"""The table of scenarios: what there is, who signs, what is declared, and what must come of it.

Three kinds of tests read it: the plan over a fake gateway (tests/unit), `keyswitch plan` against the sandbox
(tests/cli), and the real engine (tests/engine). Nothing here runs anything; `stage` sets up a scenario's sandbox.
"""
