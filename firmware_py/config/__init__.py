"""Settings from TOML, where files live and how they are opened.

Settings are built once at the edge, frozen, passed inward.
"""
