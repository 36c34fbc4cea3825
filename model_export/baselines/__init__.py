"""What the composer is compared with: models trained on the same notes with the same budget."""
