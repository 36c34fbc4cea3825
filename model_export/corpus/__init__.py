"""The corpus: readers for MusicXML, Humdrum, ABC and MIDI, duplicates, splits, one cached file."""
