"""The gate under test."""
