"""What bench/gateway.py is made of."""
