"""What every policy shares: rules with their examples, layers, waivers, digests."""
