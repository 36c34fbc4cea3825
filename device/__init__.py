"""Hardware behind the ports: speakers, microphones, board profiles."""
