"""The scoring server of mlpack."""
