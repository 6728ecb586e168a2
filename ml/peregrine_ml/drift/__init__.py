"""Whether what the endpoint sees and says has moved away from the test flights. Pure: arrays in, verdicts out."""
