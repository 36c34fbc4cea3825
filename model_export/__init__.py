"""Models are built here: corpora, tokens, torch models, training, evaluation, int8 export."""
