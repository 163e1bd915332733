"""How a term is won: pre-vote, and which log the winner takes over."""
