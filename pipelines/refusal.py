"""The one base of all errors that a person can mend: their message says where, what and how, and is all one needs."""


class Refusal(Exception):
    """Something was refused, and nothing was lost by it."""
