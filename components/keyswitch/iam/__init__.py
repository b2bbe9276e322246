"""The AWS edge: the only place that imports botocore, AWS's library beneath boto3; boto3 itself is not imported."""
