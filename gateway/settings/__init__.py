"""What can be configured, and the reader.

A setting is an environment variable: the prefix ``GATEWAY_``, the section, the name. The same sections and
names may stand in a TOML file that ``GATEWAY_CONFIG`` points to; the environment wins. Whatever is wrong or
missing is reported at once, by the name of the variable, never with its value.
"""
