"""A folder or a CSV of pictures into an index: looked at first, as long as it takes; published in one short turn."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.catalogue.choosing import Candidate, Choice, choose_items, repeated
from pipeline.catalogue.journal import Journal
from pipeline.catalogue.looking import Look, Stages, Task, look_at
from pipeline.catalogue.sources import Source, read_source
from pipeline.catalogue.steps import Cancelled, Meter, Progress
from pipeline.errors import UnreadablePhoto
from pipeline.index import MANIFEST, Draft, Index, Manifest, PictureFile, editing, relative_image
from pipeline.kinds import KINDS, kind_of
from pipeline.types import Item

# Where copies of pictures are kept that would not stay where they come from.
OWN_PICTURES = "pictures"


@dataclass(frozen=True)
class Duplicate:
    """A picture that was skipped: the catalogue has it as the picture of the item `of` already.

    exact: it is the very same file; otherwise the same picture, saved anew.
    """

    image: str
    of: str
    exact: bool


@dataclass(frozen=True)
class Added:
    """What adding did.

    added: items that are new, or have a new picture. updated: items of which only the words changed.
    unchanged: items that were there as they are. skipped: see Duplicate. unreadable: one sentence for each picture
    that could not be read; an item that was there before has kept its old one.
    """

    manifest: Manifest
    added: int
    updated: int = 0
    unchanged: int = 0
    skipped: tuple[Duplicate, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def duplicates(self) -> int:
        """Pictures that the catalogue had already."""
        return self.unchanged + len(self.skipped)


def add(
    source: Path | Source,
    folder: Path,
    stages: Stages,
    *,
    replace_all: bool = False,
    keep_duplicates: bool = False,
    copy: bool = False,
    kind: str = "auto",
    labels: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Added:
    """Add the pictures that `source` names to the index in `folder`, which is made where there is none.

    An item whose id is in the index already gets what is new about it. What the source does not say of category and
    colour is measured from the picture, and named in `Item.predicted`. A picture of several garments becomes several
    items. After an interruption the same call goes on where it was.

    Args:
        replace_all: drop everything that was there before, once the new pictures are ready.
        keep_duplicates: add pictures that are there already, too.
        copy: keep copies of the pictures in the index's folder, for a source that will not stay where it is.
        kind: see `editing`. labels: see `read_source`.
        progress: told how far the work is. cancelled: asked after every picture whether to stop.

    Raises:
        UsageError: see `read_source`.
        UnreadablePhoto: not one picture could be read, and there is nothing else in the index.
        IndexMissing, IndexMismatch: there is an index that cannot be used, or another embedder made it.
        IndexUnwritable: no room, or no permission. Stopped: `cancelled` said so.
    """
    meter = Meter(progress, cancelled)
    meter.tell("Reading the list")
    wanted = source if isinstance(source, Source) else read_source(source, labels)
    base = Index.open(folder, stages.embed.name) if not replace_all and (folder / MANIFEST).exists() else None
    journal = Journal(folder, stages)
    try:
        call = _Call(wanted, folder, stages, journal, meter, keep_duplicates, copy, replace_all, kind)
        return call.run(base)
    finally:
        journal.close()


@dataclass(frozen=True)
class _Call:
    """One call of `add`, with what does not change while it runs."""

    source: Source
    folder: Path
    stages: Stages
    journal: Journal
    meter: Meter
    keep_duplicates: bool
    copy: bool
    replace_all: bool
    kind: str

    def run(self, base: Index | None) -> Added:
        tasks = [Task(self.source.root / item.image, item.box) for item in self.source.items]
        known = _Known(base)
        todo = [n for n, item in enumerate(self.source.items) if not known.has(item, tasks[n].path)]
        looks = self._looks([tasks[n] for n in todo], known)
        if not any(look.ok for look in looks) and len(todo) == len(tasks) and not (base and len(base)):
            raise UnreadablePhoto(f"None of the {len(tasks)} pictures of “{self.source.name}” could be read.")
        self.meter.tell("Comparing")
        with editing(
            self.folder,
            self.stages.embed.name,
            self.stages.embed.dimension,
            self.folder / OWN_PICTURES if self.copy else self.source.root,
            replace_all=self.replace_all,
            kind=self.kind,
            waiting=lambda: self.meter.tell("Waiting for another process that changes this index"),
        ) as draft:
            done = self._change(draft, dict(zip(todo, looks, strict=True)), tasks)
        self.journal.forget([look.task for look in looks])
        return done

    def _looks(self, tasks: Sequence[Task], known: _Known) -> list[Look]:
        """A look at every picture, those of an interrupted call taken from the journal."""
        looks = {task: look for task in tasks if (look := self.journal.get(task))}
        rest = [task for task in dict.fromkeys(tasks) if task not in looks]
        have = len(looks)
        self.meter.tell("Pictures", 0, len(rest), have)
        for look in look_at(
            rest,
            self.stages,
            lambda digest: not self.keep_duplicates and known.owner(digest) is not None,
            self.journal.put,
            lambda n: self.meter.tell("Pictures", n, len(rest), have),
        ):
            looks[look.task] = look
        return [looks[task] for task in tasks]

    def _change(self, draft: Draft, looks: Mapping[int, Look], tasks: Sequence[Task]) -> Added:
        """Everything that is decided with no other writer at work."""
        known = _Known(draft.base)
        unreadable, skipped = [], []
        updates: list[Item] = []
        unchanged = 0
        candidates: list[Candidate] = []
        digests: dict[str, str] = {}
        for n, item in enumerate(self.source.items):
            look = looks.get(n)
            if look is not None and look.problem:
                unreadable.append(look.problem)
                continue
            if look is not None and not known.is_same(item, look.sha256):
                owner = known.owner(look.sha256) or digests.get(look.sha256)
                if owner is not None and owner != item.id and not self.keep_duplicates and item.box is None:
                    skipped.append(Duplicate(item.image, owner, True))
                    continue
                digests.setdefault(look.sha256, item.id)
                candidates.append(Candidate(item, look if look.garments else self._again(look.task)))
                continue
            changed = known.changes(item, self.source.tells)
            updates += changed
            unchanged += not changed
        told = {item.id for item in self.source.items}
        choices = choose_items(
            candidates, self.stages.embed, lambda name: name in told or known.item(name) is not None, draft.base
        )
        if not self.keep_duplicates:
            fresh = [choice for choice in choices if known.item(choice.item.id) is None]
            doubles = repeated(fresh, self.stages.embed, draft.base)
            skipped += [Duplicate(choice.item.image, of, False) for choice, of in doubles]
            gone = {id(choice) for choice, _ in doubles}
            choices = [choice for choice in choices if id(choice) not in gone]
        manifest = self._write(draft, choices, updates, known)
        return Added(manifest, len(choices), len(updates), unchanged, tuple(skipped), tuple(unreadable))

    def _again(self, task: Task) -> Look:
        """A look at a picture that was left out because another item had it, and that item has gone meanwhile."""
        (look,) = look_at([task], self.stages, lambda digest: False, lambda looks: None, lambda n: None)
        return look

    def _write(self, draft: Draft, choices: Sequence[Choice], updates: Sequence[Item], known: _Known) -> Manifest:
        if draft.base and not choices and not updates:
            return draft.base.manifest
        self.meter.tell("Writing")
        placed = {choice.look.task: self._place(choice.look, draft) for choice in choices}
        draft.remove([old.id for choice in choices for old in known.siblings(choice.item.id)])
        draft.put(
            [replace(choice.item, image=placed[choice.look.task]) for choice in choices],
            np.stack([c.garment.vector for c in choices]) if choices else np.empty((0, self.stages.embed.dimension)),
            [
                PictureFile(placed[look.task], look.bytes, look.mtime_ns, look.sha256)
                for look in {choice.look.task: choice.look for choice in choices}.values()
            ],
            [choice.garment.fingerprint for choice in choices],
        )
        draft.update(updates)
        return draft.publish()

    def _place(self, look: Look, draft: Draft) -> str:
        """The picture's path as the items name it; a copy is made first where copies are wanted."""
        path = look.task.path
        if self.copy:
            own = self.folder / OWN_PICTURES / f"{look.sha256[:24]}{path.suffix.lower()}"
            own.parent.mkdir(parents=True, exist_ok=True)
            part = own.with_name(f".{own.name}")
            shutil.copyfile(path, part)
            part.replace(own)
            path = own
        return relative_image(path.resolve(), draft.pictures)


class _Known:
    """What an index has already, asked by item and by file."""

    def __init__(self, base: Index | None) -> None:
        self._base = base
        self._items: dict[str, Item | None] = {}

    def item(self, item_id: str) -> Item | None:
        """The item of that id."""
        if item_id not in self._items:
            row = self._base.store.row_of(item_id) if self._base else None
            self._items[item_id] = self._base.store.get([row])[0] if self._base and row is not None else None
        return self._items[item_id]

    def owner(self, sha256: str) -> str | None:
        """The id of the item whose picture has this content."""
        return self._base.store.owner(sha256) if self._base else None

    def has(self, item: Item, path: Path) -> bool:
        """Whether the item is there with this very file, to judge by its size and date."""
        old = self.item(item.id)
        if self._base is None or old is None or self._base.picture(old) != path.resolve():
            return False
        file = self._base.store.file(old.image)
        if file is None or not path.is_file():
            return False
        facts = path.stat()
        return (facts.st_size, facts.st_mtime_ns) == (file.bytes, file.mtime_ns) and self._box_stays(item, old)

    def is_same(self, item: Item, sha256: str) -> bool:
        """Whether the item is there with a picture of this content."""
        old = self.item(item.id)
        if self._base is None or old is None or not self._box_stays(item, old):
            return False
        file = self._base.store.file(old.image)
        return file is not None and file.sha256 == sha256

    def _box_stays(self, item: Item, old: Item) -> bool:
        """Whether the item is of the same garment of its picture as before."""
        if item.box is not None:
            return item.box == old.box
        return not item.category or item.category == old.category or len(self._sharing(old)) == 1

    def _sharing(self, item: Item) -> list[Item]:
        return self._base.store.of_image(item.image) if self._base else []

    def siblings(self, item_id: str) -> list[Item]:
        """The items that the segmenter once made of the item's picture, itself included."""
        old = self.item(item_id)
        return [o for o in self._sharing(old) if o.id == item_id or o.id.startswith(f"{item_id}-")] if old else []

    def changes(self, item: Item, tells: bool) -> list[Item]:
        """The item, and those made of its picture, with what the source says anew; those that stay are left out.

        tells: whether the source says more than file names do, which must not replace what another one said.
        """
        olds = self.siblings(item.id) if tells else []
        return [new for old in olds if (new := _renewed(old, item)) != old]


def _renewed(old: Item, told: Item) -> Item:
    """`old` with what `told` says; what was predicted stays where nothing is said."""
    category, colour = told.category or old.category, told.colour or old.colour
    said = {name for name, value in (("category", told.category), ("colour", told.colour)) if value}
    return replace(
        told,
        id=old.id,
        image=old.image,
        category=category,
        colour=colour,
        # A word that nobody knows leaves the item among the pieces that it was found as.
        kind="" if kind_of(category) in KINDS else old.kind or kind_of(old.category),
        predicted=tuple(name for name in old.predicted if name not in said),
        box=old.box,
    )
