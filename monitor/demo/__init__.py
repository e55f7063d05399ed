"""The small internet on loopback that the tests and `monitor demo` use. Nothing else in the monitor imports it."""
