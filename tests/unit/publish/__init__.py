"""Publishing under test."""
