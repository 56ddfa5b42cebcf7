"""Makes the notifier that the settings ask for: which findings it reports, and through which channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.config.mutes import Mutes
from tui.config.schema import Notify
from tui.control.channels import CommandCarrier, DesktopChannel, QueuedChannel
from tui.control.notify import Channel, Notice, NoticeRules, Notifier
from tui.model.finding import FindingKind, Severity
from tui.view.findings_plain import notice_words
from tui.view.json_out import dumps, findings_json


def notifier_of(
    settings: Notify,
    mutes: Mutes,
    write: Callable[[str], None],
    report: Callable[[str], None],
    began: float,
    env: Mapping[str, str],
) -> Notifier | None:
    """The notifier for channels outside the screen, or None if none is configured. The screen rings the bell itself.

    Args:
        settings: the section `notify`.
        mutes: muted findings are not reported.
        write: writes a sequence to the terminal unchanged.
        report: receives a line for the operator, from any thread.
        began: now, in seconds UTC: findings from before are not reported.
        env: the environment, which shows whether the terminal is a tmux.
    """

    def words(notice: Notice) -> str:
        return notice_words(notice.fleet, notice.findings)

    def document(notice: Notice) -> bytes:
        named = {finding.family for finding in notice.findings}
        families = [family for family in notice.fleet.families if family.id in named]
        return dumps(findings_json(notice.findings, families, mutes)).encode("ascii")

    channels: list[Channel] = []
    if settings.osc != "off":
        channels.append(DesktopChannel(write, words, settings.osc, tmux=bool(env.get("TMUX"))))
    if settings.command:
        channels.append(QueuedChannel("notify.command", CommandCarrier(settings.command), document, report))
    if settings.webhook:
        from tui.control.webhook import WebhookCarrier

        channels.append(QueuedChannel("notify.webhook", WebhookCarrier(settings.webhook), document, report))
    if not channels:
        return None
    rules = NoticeRules(
        Severity(settings.min_severity),
        frozenset(map(FindingKind, settings.kinds)),
        settings.cooldown_s,
        needs_you=settings.needs_you,
    )
    return Notifier(rules, channels, mutes.muted, began)
