"""Enumerations that modules may add members to: the names of things that are declared elsewhere, one module each."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """Names of which only those that other packages speak of stand in the class; the others are declared."""

    @classmethod
    def declare(cls, name: str) -> Self:
        """The member of that name, added if there is none."""
        known = cls._value2member_map_.get(name)
        if known is not None:
            return cls(name)
        member = str.__new__(cls, name)
        member._name_, member._value_ = name.upper(), name
        cls._member_names_.append(member._name_)
        cls._member_map_[member._name_] = member
        cls._value2member_map_[name] = member
        return member
