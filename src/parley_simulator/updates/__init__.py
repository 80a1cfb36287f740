"""What a bot is told: the queue of its updates and how it takes them."""
