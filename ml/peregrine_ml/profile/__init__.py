"""Describing labelled flights: numbers for programs (the drift baseline), a page for people."""
