"""Where the shipped weights of the risk score come from, and how well they do."""
