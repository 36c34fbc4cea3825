"""Sub-commands of ``python -m model_export``. Heavy imports stay inside ``run``."""
