"""Text to mood: data, phrase books, the torch model, its int8 export and its card."""
