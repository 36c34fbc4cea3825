"""Mood and goal to targets per bar: a pure, explainable function."""
