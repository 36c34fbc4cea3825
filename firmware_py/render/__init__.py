"""Notes to sound and files: FluidSynth with expression, loudness, WAV, FLAC, MIDI, picture."""
