"""Images that serve a package: small, reproducible, and built without a network where wheels are there."""
