"""Enumerations to which modules may add members, for names that are declared in one module each."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """An enumeration. Its class lists only members that other packages use; modules declare the others."""

    @classmethod
    def declare(cls, name: str, before: Self | None = None) -> Self:
        """The member of that name, added in front of `before` or as the last one if it does not exist."""
        known = cls._value2member_map_.get(name)
        if known is not None:
            return cls(name)
        member = str.__new__(cls, name)
        member._name_, member._value_ = name.upper(), name
        place = len(cls._member_names_) if before is None else cls._member_names_.index(before._name_)
        cls._member_names_.insert(place, member._name_)
        cls._member_map_[member._name_] = member
        cls._value2member_map_[name] = member
        return member
