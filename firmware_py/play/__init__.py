"""Sound to ears: the block queue, fades, volume cap, sleep timer."""
