"""Draft: a first contract for a file that nobody has described yet, to be edited; it shows no value of a person."""
