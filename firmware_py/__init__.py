"""Lull on the device: the journey from a spoken mood to calming music.

The folders are the journey: ``speech`` -> ``mood`` -> ``plan`` -> ``compose`` -> ``render`` ->
``play`` -> ``feedback``. Stages know ``messages``, ``ports`` and ``config``, never each other;
``app`` is the composition root that wires them.
"""

__version__ = "0.1.0"
