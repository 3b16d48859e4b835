"""The log of every deed. It knows neither people nor mitigations: whoever writes to it brings its own words."""
