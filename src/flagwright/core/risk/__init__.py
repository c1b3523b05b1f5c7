"""Score a change: signals see, the policy weighs, the engine adds up."""
