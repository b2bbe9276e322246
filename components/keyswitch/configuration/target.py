"""Finds the file that lists the access keys of a stack, and writes entries into it. Knows nothing of AWS."""

import codecs
import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import InvalidConfiguration, NotWritten, Problem
from keyswitch.access_key.written import item
from keyswitch.configuration.edit import Text, changed
from keyswitch.configuration.files import text_of
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.project import current, enclosing, manifest, project_settings
from keyswitch.configuration.replacing import content_of, replace_content
from keyswitch.configuration.source import NOTHING, full_name, read, read_keys
from keyswitch.configuration.stack import Settings, parse

_KEYS, _KEYS_FILE = "keyswitch:keys", "keyswitch:keysFile"


@dataclass(frozen=True)
class Target:
    """The file that lists the access keys of a stack.

    Attributes:
        path: the file: the stack file, or the one that its `keyswitch:keysFile` names.
        settings: the settings of the stack.
        is_new: whether the file is not there yet.
    """

    path: Path
    settings: Settings
    is_new: bool
    _is_stack_file: bool = field(repr=False)
    _project: str = field(repr=False)

    @property
    def declared(self) -> Mapping[str, Desired]:
        """The entries by access key ID."""
        return {desired.access_key_id: desired for desired in self.settings.wanted}

    def write(
        self, added: Sequence[Desired], comments: Mapping[str, str], removed: Collection[str], account: str
    ) -> None:
        """Add entries, remove entries, and leave everything else as it is.

        Args:
            added: the new entries.
            comments: what stands behind the new entries, by access key ID.
            removed: the IDs of the entries that go.
            account: the account ID, which a new stack file declares.

        Raises:
            InvalidConfiguration: the file is written in a way that cannot be changed.
            NotWritten: the file cannot be written.
        """
        name, before = self.path.as_posix(), content_of(self.path)
        text = text_of(self.path, name) if before is not None else self._first(account)
        mark = codecs.BOM_UTF8 if (before or b"").startswith(codecs.BOM_UTF8) else b""
        place = ("config", _KEYS) if self._is_stack_file else ()
        setting = partial(full_name, project=self._project) if self._is_stack_file else None
        items = [item(desired, comments.get(desired.access_key_id, "")) for desired in added]
        new = changed(Text(text, name, place, setting), items, removed)
        if before is not None and new == text:
            return
        wanted = [desired for key_id, desired in self.declared.items() if key_id not in removed] + list(added)
        replace_content(self.path, mark + new.encode(), before, self._check(wanted, account))

    def _first(self, account: str) -> str:
        """Return the beginning of a new file."""
        is_json = self.path.suffix == ".json"
        if not self._is_stack_file:
            return "{}\n" if is_json else ""
        if is_json:
            return json.dumps({"config": {"keyswitch:account": account}}, indent=2) + "\n"
        return f'config:\n  keyswitch:account: "{account}"\n'

    def _check(self, wanted: Sequence[Desired], account: str) -> Callable[[Path], None]:
        """Make a check: a file is read as it will be read later, and must say what it is to say."""
        expected = self.settings
        if self.is_new and self._is_stack_file:
            expected = replace(expected, account=account)

        def check(path: Path) -> None:
            if self._is_stack_file:
                found = settings_from_file(path)
            else:
                found = replace(expected, wanted=parse(read_keys(path, path.as_posix()).config).wanted)
            if _by_id(found.wanted) != _by_id(wanted) or replace(found, wanted=()) != replace(expected, wanted=()):
                text = "its access keys would not be read as they were written: edit them yourself"
                raise InvalidConfiguration([Problem(text, where=self.path.as_posix())])

        return check


def _by_id(entries: Sequence[Desired]) -> dict[str, Desired]:
    return {desired.access_key_id: desired for desired in entries}


def target_of(stack_file: Path) -> Target:
    """Find the file that lists the access keys of a stack. Neither it nor the stack file needs to exist.

    Raises:
        InvalidConfiguration: the settings are not valid, or Pulumi.yaml lists the access keys.
        NotWritten: the stack file is a link that leads out of the project.
    """
    root = enclosing(stack_file.parent) or Path(os.path.realpath(stack_file.parent))
    if stack_file.is_symlink() and not Path(os.path.realpath(stack_file)).is_relative_to(root):
        raise NotWritten(f"{stack_file.as_posix()} is a link that leads out of the project, and stays as it is")
    settings = settings_from_file(stack_file, to_edit=True)
    folder = enclosing(stack_file.parent) or current()
    project = str(manifest(folder).get("name") or "")
    is_new = not os.path.lexists(stack_file)
    written = NOTHING if is_new else read(stack_file, project=project)
    of_project = project_settings(folder, written.config)
    if of_project.config.get(_KEYS):
        text = "lists access keys for all stacks: move them to a stack file, which is the place for new ones"
        raise InvalidConfiguration([Problem(text, _KEYS, of_project.locate((_KEYS,)))])
    keys_file = {**of_project.config, **written.config}.get(_KEYS_FILE)
    if isinstance(keys_file, str) and keys_file:
        path = stack_file.parent / keys_file
        return Target(path, settings, not os.path.lexists(path), False, project)
    return Target(stack_file, settings, is_new, True, project)
