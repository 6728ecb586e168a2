"""What runs in Peregrine's containers: one package, one image, a verb each for profile, prepare, train, evaluate, serve."""

__version__ = "0.1.0"
