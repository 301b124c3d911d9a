"""End to end: real servers on a bare machine, the demo, scenarios and benchmarks."""
