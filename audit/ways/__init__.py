"""The ways to people: mail and chat. They know what a message is, and neither what it is about nor whom it concerns."""
