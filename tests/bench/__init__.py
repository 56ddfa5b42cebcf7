"""Benchmarks: figures and ratios of one run on one machine. Nothing is asserted here; `make bench` runs all."""
