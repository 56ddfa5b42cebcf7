"""Saved views on the lanes screen: shows one, saves the present arrangement as one, deletes one."""

from __future__ import annotations

from collections.abc import Mapping

from tui.config.remembered import Remembered
from tui.config.views import KEYS, SavedViews, View
from tui.screen.controller import NOT_KEPT, Argument, Command, Controller, Host, Mode, Value
from tui.screen.table_order import TableController
from tui.screen.widgets.safe_input import SafeInput
from tui.text.messages import nearest, quoted
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.arrange import Arrangement, Hide
from tui.view.columns.registry import grouping_named, sort_named
from tui.view.filter import Filter


class ViewsController(Controller):
    """The saved views, and the one that is shown."""

    def __init__(
        self,
        host: Host,
        views: SavedViews,
        ordering: TableController,
        typed: SafeInput,
        remembered: Remembered,
        save_key: SafeText,
    ) -> None:
        """`typed` is the input for the name of a view; `save_key` is the key that asks for one."""
        self._host = host
        self._views = views
        self._ordering = ordering
        self._input = typed
        self._remembered = remembered
        self._save_key = save_key
        self._last = ""
        """The name of the view that was shown or saved last."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        digits: dict[str, Command] = {f"view_{key}": lambda key=key: self.show_on_key(key) for key in KEYS}
        return {**digits, "view_none": self.leave, "ask_view": self.ask_name, "keep_view": self.keep_name}

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """See `Controller`."""
        return {
            "view": Argument(self._show_typed, self._values, current=lambda: self._remembered.chosen.view),
            "save": Argument(self._save_typed, self._values, is_free=True),
            "delete-view": Argument(self._delete_typed, self._values),
        }

    def _values(self) -> list[Value]:
        return [Value(view.name, _words_of(view)) for view in self._views.all()]

    def _show_typed(self, name: str) -> None:
        self.show(name)

    def _save_typed(self, name: str) -> None:
        self.save(name)

    def _delete_typed(self, name: str) -> None:
        self.delete(name)

    @property
    def input_scope(self) -> str:
        """See `Controller`."""
        return "view" if self._host.is_in(Mode.NAMING) else ""

    # -- what others may call ---------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all views, those on keys first."""
        self._views.refresh()
        return tuple(view.name for view in self._views.all())

    def show(self, name: str) -> bool:
        """Shows a view by its name. False, with a notice that suggests another name, if there is none."""
        self._views.refresh()
        view = self._views.named(name)
        if view is None:
            known = self.names
            hint = nearest(name, known) if known else f"; {self._save_key} saves one"
            self._host.tell(safe_text(f"no view {quoted(name)}{hint}", limit=200), loud=True)
            return False
        self._use(view)
        where = joined(own(" (key "), safe_text(str(view.key)), own(")")) if view.key else own("")
        self._host.tell(joined(own("view "), safe_text(view.name), where))
        return True

    def show_on_key(self, key: int) -> None:
        """Shows the view on a digit key."""
        self._views.refresh()
        view = self._views.on_key(key)
        if view is None:
            self._host.tell(
                joined(own("no view on key "), safe_text(str(key)), own("; "), self._save_key, own(" saves one"))
            )
            return
        self.show(view.name)

    def leave(self) -> None:
        """Shows the table without a view: everything, in the usual order, with the usual columns."""
        self._use(View())
        self._host.tell(own("no view: nothing is hidden, filtered or grouped"))

    def save(self, name: str, key: int | None = None) -> bool:
        """Saves the present arrangement as a view. False, with a notice, if the name cannot be used.

        Without `key`, a view that exists keeps its key, and a new view gets the first free key.
        """
        arrangement = self._ordering.arrangement
        view = View(
            name=name,
            filter=arrangement.filter.text,
            group=arrangement.group.name if arrangement.group is not None else "",
            hide=arrangement.hide.value,
            sort=arrangement.sort.name,
            reverse=arrangement.reverse,
            columns=self._ordering.columns,
        )
        try:
            saved = self._views.save(view, key)
        except ValueError as error:
            self._host.tell(safe_text(str(error)), loud=True)
            return False
        self._remembered.keep(view=saved.name)
        self._last = saved.name
        on = joined(own(" on key "), safe_text(str(saved.key))) if saved.key else own("; it has no key")
        kept = own("") if self._views.is_kept else NOT_KEPT
        self._host.tell(joined(own("saved view "), safe_text(saved.name), on, kept))
        return True

    def delete(self, name: str) -> bool:
        """Deletes a view. False, with a notice that suggests another name, if there is none."""
        if not self._views.delete(name):
            self._host.tell(safe_text(f"no view {quoted(name)}{nearest(name, self.names)}", limit=200), loud=True)
            return False
        if self._remembered.chosen.view == name:
            self._remembered.keep(view="")
        self._host.tell(joined(own("deleted view "), safe_text(name)))
        return True

    def show_remembered(self) -> None:
        """Shows the view that was shown when lanewatch ended, if there still is one. Called once, at the start."""
        view = self._views.named(self._remembered.chosen.view)
        if view is not None:
            self._use(view)

    # -- the input for a name ---------------------------------------------------------------------

    def ask_name(self) -> None:
        """Asks for the name under which the present arrangement is saved."""
        self._host.enter(Mode.NAMING)
        self._input.value = self._last
        self._input.focus()
        self._host.redraw_later()

    def keep_name(self) -> None:
        """Saves under the name that was typed: `night`, `3 night` for a key, `-night` to delete the view."""
        text = self._input.text.strip()
        if not text:
            self._host.tell(own("a view needs a name; esc cancels"), loud=True)
            return
        first, _, rest = text.partition(" ")
        if text.startswith("-"):
            done = self.delete(text[1:].strip())
        elif rest.strip() and first.isdecimal() and int(first) in KEYS:
            done = self.save(rest.strip(), int(first))
        else:
            done = self.save(text)
        if done:
            self.back()

    def back(self) -> bool:
        """See `Controller`."""
        is_open = self._host.is_in(Mode.NAMING)
        if is_open:
            self._input.value = ""
            self._host.leave(Mode.NAMING)
            self._ordering.focus()
            self._host.redraw_later()
        return is_open

    def _use(self, view: View) -> None:
        group = grouping_named(view.group) if view.group else None
        self._ordering.use(
            Arrangement(sort_named(view.sort), view.reverse, Filter(view.filter), group, Hide(view.hide)), view.columns
        )
        self._remembered.keep(view=view.name)
        self._last = view.name


def _words_of(view: View) -> SafeText:
    """A view in a few words: `needs you · by project · sort cost`."""
    parts = [view.filter] if view.filter else []
    parts += [f"by {view.group}"] if view.group else []
    parts += [f"{view.hide} hidden"] if view.hide != Hide.NONE else []
    parts.append(f"sort {view.sort}")
    key = f"key {view.key}: " if view.key else ""
    return safe_text(key + " · ".join(parts), limit=120)
