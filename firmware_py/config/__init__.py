"""Settings from TOML and where files live. Built once at the edge, frozen, passed inward."""
