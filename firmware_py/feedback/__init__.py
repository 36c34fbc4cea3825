"""Reactions: kept on the device first, taught to the taste model, queued for sync."""
