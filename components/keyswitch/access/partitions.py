"""The partitions of AWS and the region in which each runs IAM. Asks nothing of AWS."""

IAM_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
}
"""The region of IAM by partition. CloudTrail records IAM's events there, so an alarm's rule must be there."""


def partition_of(region: str | None) -> str:
    """Return the partition of a region; `aws` for None and for a region that is in no other partition."""
    for partition, iam_region in IAM_REGIONS.items():
        area = iam_region.rsplit("-", 2)[0]
        if partition != "aws" and (region or "").startswith(f"{area}-"):
            return partition
    return "aws"
