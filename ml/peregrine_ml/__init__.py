"""What runs in Peregrine's containers: one package and one image, with a verb for each kind of job."""

__version__ = "0.1.0"
