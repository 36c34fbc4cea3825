"""Text to mood: our own small classifier (int8 ONNX) and the words that decided."""
