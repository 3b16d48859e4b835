"""A stand-in Kentik on loopback, for the demo and the tests. README.md says which of its ways are documented."""
