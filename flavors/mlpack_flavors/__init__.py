"""The built-in flavors of mlpack, one module each."""
