"""The graph's pages, a module each: slices; what else stands on the same rows."""
