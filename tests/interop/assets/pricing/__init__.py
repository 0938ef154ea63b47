"""A user's package that a model is made of."""
