"""What the backends cannot share: registering gradients, compiling, and a few functions."""
