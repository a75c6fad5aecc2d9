"""The Keras face."""
