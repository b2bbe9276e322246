"""The AWS edge: the only place that imports boto3."""
