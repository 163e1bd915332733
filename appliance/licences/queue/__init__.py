"""Waiting for seats: who waits, in which order, and for whom a seat that became free is held."""
