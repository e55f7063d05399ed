"""Compliance monitor for hosting providers: availability statistics, never content."""

__version__ = "0.1.0"
