"""Brings decisions and AWS together: observe, plan, write. Knows neither boto3 nor Pulumi nor files."""
