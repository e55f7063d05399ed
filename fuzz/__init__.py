"""Coverage-guided fuzzing: bytes from nowhere into every reader and into the rules. `docs/fuzzing.md` says how.

In: nothing. Out: `fuzz.targets.TARGETS`, one harness each. What would surprise: a harness is a plain function of bytes
that needs no fuzzer, so that hypothesis runs the very same ones in the ordinary tests.
"""
