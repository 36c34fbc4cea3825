"""The composer: from pieces to event sequences, the torch network, training, evaluation, export."""
