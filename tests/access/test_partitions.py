"""The partitions and the regions of IAM, compared with botocore's own data."""

import pytest
from botocore.loaders import create_loader
from botocore.session import get_session

from keyswitch.access.partitions import IAM_REGIONS, partition_of

SESSION = get_session()
PARTITIONS = SESSION.get_available_partitions()


def test_every_partition_is_known_with_the_region_of_its_iam() -> None:
    """The region that signs IAM's requests is the one in which CloudTrail records them."""
    assert set(PARTITIONS) == IAM_REGIONS.keys()
    for partition in create_loader().load_data("endpoints")["partitions"]:
        name, iam = partition["partition"], partition["services"].get("iam", {}).get("endpoints", {})
        signed = {e["credentialScope"]["region"] for e in iam.values() if "credentialScope" in e} or set(iam)
        assert signed in ({IAM_REGIONS[name]}, set()), name


@pytest.mark.parametrize("partition", PARTITIONS)
def test_every_region_is_in_its_partition(partition: str) -> None:
    """By its name alone, without a request."""
    for region in SESSION.get_available_regions("sts", partition):
        assert partition_of(region) == partition


def test_without_a_region_the_partition_is_that_of_commercial_accounts() -> None:
    """Also for a region that is made one day."""
    assert {partition_of(None), partition_of("mx-central-9")} == {"aws"}
