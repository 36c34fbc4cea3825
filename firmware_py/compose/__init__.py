"""Targets to notes: the trained model, its phrases and cadences, and the rule-based fallback."""
