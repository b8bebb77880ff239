"""What the gateway is compared with: other gateways over the same provider."""
