"""Protocols between the stages and what lies outside them: hardware, network, model files.

A fake in the tests implements the same Protocol as the real thing.
"""
