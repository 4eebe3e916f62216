"""Rows become a graph, or the facts behind an edge, here and nowhere else. Every query is bounded, however large the record is.

Nothing is imported here: what needs networkx (loaders.py and what it takes in) is for workers, edges.py and rows.py are for pages too.
"""
