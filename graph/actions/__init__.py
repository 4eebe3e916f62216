"""Everything that writes to the graph: collaborations.py counts, slices.py asks for slices, builds.py builds them.

Only workers import builds.py and similar.py, since they bring networkx along.
"""
