"""The composition root: wires stages and ports; command line, live view, demo, setup, doctor."""
