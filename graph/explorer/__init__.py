"""The explorer without Django: its state as an address, and several slices as one graph."""
