"""Enumerations to which modules may add members, for names that are declared in one module each."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """An enumeration. Only members that other packages use stand in the class; the others are declared."""

    @classmethod
    def declare(cls, name: str) -> Self:
        """The member of that name, added if it does not exist."""
        known = cls._value2member_map_.get(name)
        if known is not None:
            return cls(name)
        member = str.__new__(cls, name)
        member._name_, member._value_ = name.upper(), name
        cls._member_names_.append(member._name_)
        cls._member_map_[member._name_] = member
        cls._value2member_map_[name] = member
        return member
