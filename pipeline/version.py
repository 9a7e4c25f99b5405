"""The version of the program; records, stores and models carry it."""

__version__ = "0.1.0"
