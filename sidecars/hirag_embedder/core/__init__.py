"""From texts to vectors: model folders, tokens, batches, backends. Nothing here knows HTTP or settings."""
