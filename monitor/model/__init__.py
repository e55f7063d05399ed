"""The domain's values: frozen dataclasses and enums. Imports nothing of ours but errors.

Two shapes of the same words live here. Single values (`Report`, `Notice`, `Provider`, `Scorecard`) are what
a stage hands over one at a time; columns (`columns.py`) are the same facts as aligned numpy arrays, for the
stages that work on a whole Period at once.
"""
