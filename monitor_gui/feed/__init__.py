"""Where updates come from: asyncio in a thread of its own, one callable as the way out."""
