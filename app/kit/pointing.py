"""Where in the commands of a request a refused field stands, for the pointers of its problem.

A verb that takes many commands says which one it refuses by ``concerning``, or by values that only
some of them have (``Invalid.where``). The way to these is found afterwards, when it is needed.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from pydantic import BaseModel

from app.kit.errors import Invalid, Place

_Found = tuple[Place, BaseModel]


@contextmanager
def concerning(command: BaseModel) -> Iterator[None]:
    """What is refused inside is refused of this command, or of this part of one."""
    try:
        yield
    except Invalid as problem:
        problem.concerns.append(command)
        raise


def places_of(problem: Invalid, commands: Sequence[BaseModel]) -> dict[str, Sequence[Place]]:
    """Each refused field's places: the index of the command first, then the way to the field.

    A field that no command has is looked for in vain; it stands at the command that is concerned.
    """
    every = [found for n, each in enumerate(commands) for found in _parts((n,), each)]
    for part in problem.concerns:
        root = next((place for place, model in every if model is part), None)
        if root is not None:
            every = [each for each in every if each[0][: len(root)] == root]
    return {name: _places(name, problem.where, every) for name in problem.by_field}


def _parts(place: Place, model: BaseModel) -> Iterator[_Found]:
    """The model and those within it, the outermost first."""
    yield place, model
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _parts((*place, name), value)
        elif isinstance(value, list | tuple):
            for n, each in enumerate(value):
                if isinstance(each, BaseModel):
                    yield from _parts((*place, name, n), each)


def _places(
    name: str, where: Mapping[str, AbstractSet[object]], every: Sequence[_Found]
) -> Sequence[Place]:
    first, *rest = name.split("/")
    if first.isdecimal():
        return [(int(first), *rest)]  # the verb has counted itself
    having = [each for each in every if first in type(each[1]).model_fields]
    chosen = [
        (*place, first, *rest, *element)
        for place, model in having
        for element in _elements(first, where, model)
    ]
    if where and chosen:
        return chosen
    if len(having) > 1:
        named = [each for each in having if first in each[1].model_fields_set]
        having = named if len(named) == 1 else having
    roots = [place for place, _ in having or every[:1]]
    if having and len(roots) > 1:
        # Nobody has said which: the list that holds them all is as near as it gets.
        return [_shared(roots)]
    return [(*each, *(part for part in (first, *rest) if part)) for each in roots]


def _elements(
    name: str, where: Mapping[str, AbstractSet[object]], model: BaseModel
) -> Iterator[Place]:
    """Nothing unless the model has these values; of a list, the elements that are such values."""
    for key, values in where.items():
        value = getattr(model, key, None)
        if isinstance(value, list | tuple):
            if key == name:
                yield from ((n,) for n, each in enumerate(value) if each in values)
        elif value in values:
            yield ()


def _shared(roots: Sequence[Place]) -> Place:
    """The beginning that all of them have."""
    shared = []
    for parts in zip(*roots, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return tuple(shared)
