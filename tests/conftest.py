"""Fixtures that every test may ask for."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["support.databases", "support.app", "support.redis", "support.scripted_telegram"]

# The same examples on every machine and no clock in the verdict: a red test is a defect, never the weather.
settings.register_profile("parley", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("parley")
