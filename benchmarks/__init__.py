"""What the engine can do, measured on this machine: `python -m benchmarks.NAME`."""
