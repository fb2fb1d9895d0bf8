"""Reference workloads, each run by several engines side by side: `python -m benchmarks`."""
