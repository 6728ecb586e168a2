"""What watches an endpoint: captured answers, labels, and what they say together."""
