"""The places that know something of a bundle, as the sub-commands read them."""
