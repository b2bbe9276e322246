"""The notes: facts for reviewers beside the guards' findings. A note never stops or warns."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from keyswitch.access_key.change import Change, by_user
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.phrases import owner, some

OLD = timedelta(days=90)
"""The age beyond which AWS's own advice is to rotate a key
(https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3)."""

REVOKE_SESSIONS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html"
)


class NoteKind(str, Enum):
    """The subjects of notes."""

    SESSIONS_OUTLIVE = "sessionsOutlive"
    QUARANTINED = "quarantined"
    SEVERAL_ACTIVE = "severalActive"
    OLD_KEY = "oldKey"
    GONE_KEY = "goneKey"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Note:
    """One fact about some keys or users.

    Attributes:
        kind: the subject.
        access_key_ids: the keys in question.
        text: the fact in words, short for any number of keys.
    """

    kind: NoteKind
    access_key_ids: tuple[str, ...]
    text: str


def notes(
    changes: Collection[Change],
    keys_by_user: Mapping[str | None, Collection[AccessKey]],
    quarantined: Mapping[str, str],
    now: datetime,
    gone: Collection[Change] = (),
) -> tuple[Note, ...]:
    """Return the notes on a whole set of changes.

    Args:
        changes: all changes, including those that write nothing.
        keys_by_user: all keys of each user in question.
        quarantined: the policy with which AWS has quarantined a user, by user name.
        now: the present time (UTC).
        gone: the changes of keys that are declared Inactive and no longer in AWS.
    """
    in_order = by_user(changes)
    found = (
        _sessions(c for c in in_order if c.is_deactivation),
        _quarantined([c for c in in_order if c.is_write], quarantined),
        _several_active(in_order, keys_by_user),
        _old([c for c in in_order if not c.is_removal], now),
        _gone(by_user(gone)),
    )
    return tuple(note for note in found if note is not None)


def _sessions(deactivated: Iterable[Change]) -> Note | None:
    ids = tuple(change.access_key_id for change in deactivated)
    if not ids:
        return None
    text = f"sessions made with a deactivated key stay valid until they expire; to revoke them: {REVOKE_SESSIONS}"
    return Note(NoteKind.SESSIONS_OUTLIVE, ids, text)


def _quarantined(written: Collection[Change], quarantined: Mapping[str, str]) -> Note | None:
    concerned = [change for change in written if change.observed.user_name in quarantined]
    if not concerned:
        return None
    users = dict.fromkeys(str(change.observed.user_name) for change in concerned)
    who = some([f"{user} ({quarantined[user]})" for user in users])
    text = f"AWS takes a key of these users for leaked and has quarantined them: {who}"
    return Note(NoteKind.QUARANTINED, tuple(change.access_key_id for change in concerned), text)


def _several_active(
    changes: Collection[Change], keys_by_user: Mapping[str | None, Collection[AccessKey]]
) -> Note | None:
    after = {change.access_key_id: change.resulting_status for change in changes}
    ids: list[str] = []
    named = []
    for user in dict.fromkeys(change.observed.user_name for change in changes):
        active = [
            k.access_key_id for k in keys_by_user.get(user, ()) if after.get(k.access_key_id, k.status) == "Active"
        ]
        if len(active) > 1:
            ids += active
            named.append(f"{owner(user)} ({len(active)})")
    if not named:
        return None
    return Note(NoteKind.SEVERAL_ACTIVE, tuple(ids), f"users with more than one active key afterwards: {some(named)}")


def _old(changes: Collection[Change], now: datetime) -> Note | None:
    old = [
        (change.observed.create_date, change)
        for change in changes
        if change.resulting_status == "Active"
        and change.observed.create_date is not None
        and now - change.observed.create_date > OLD
    ]
    if not old:
        return None
    named = [f"{owner(c.observed.user_name)} {c.access_key_id} ({(now - created).days} d)" for created, c in old]
    keys, stay = ("key", "stays") if len(old) == 1 else ("keys", "stay")
    text = f"{len(old)} {keys} older than {OLD.days} days {stay} Active: {some(named)}"
    return Note(NoteKind.OLD_KEY, tuple(change.access_key_id for _, change in old), text)


def _gone(changes: Collection[Change]) -> Note | None:
    if not changes:
        return None
    named = some([f"{owner(c.observed.user_name)} {c.access_key_id}" for c in changes])
    text = f"declared Inactive, but no longer in AWS: {named}; remove the entry"
    return Note(NoteKind.GONE_KEY, tuple(change.access_key_id for change in changes), text)
