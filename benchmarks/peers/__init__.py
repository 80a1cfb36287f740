"""Parley beside other gateways: `python -m benchmarks.peers` from the root of the repository, or `make bench-peers`."""
