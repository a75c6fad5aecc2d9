"""From a final state to what a number of shots shows of it."""
