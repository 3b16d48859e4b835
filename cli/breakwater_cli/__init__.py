"""The command line of a Breakwater, over its API."""

__version__ = "0.1.0"
