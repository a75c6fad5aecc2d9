"""The layer beside its peers: the same models, data and weights, timed in turn.

`python -m benchmarks --help` says what can be chosen.
"""
