"""The doctor's look at what is kept: can it be read, is the log whole, does something wait for an operator?"""

from bot.app.clock.clock_care import ADVICE, RESTS, in_words, judge_now
from bot.app.doctor.finding import Finding
from bot.app.runtime.bot import Bot


async def check_data(bot: Bot) -> list[Finding]:
    own = [Finding(*finding) for finding in await bot.store.diagnostics.list_findings()]
    return [
        *own,
        await _check_clock(bot),
        await _check_keys(bot),
        await _check_audit(bot),
        await _check_unknown(bot),
        await _check_unreached(bot),
    ]


async def _check_clock(bot: Bot) -> Finding:
    verdict = await judge_now(bot)
    advice = f"{in_words(verdict)}; {RESTS}. {ADVICE}"
    return Finding("this machine's clock can be believed", verdict.may_work, advice)


async def _check_keys(bot: Bot) -> Finding:
    """With one key there is nothing to look through: what it does not open nobody does."""
    check = "everything is sealed with the current encryption key"
    if len(bot.settings.privacy.encryption_keys) < 2:
        return Finding(check, True)
    left = await bot.store.rotation.count_old()
    return Finding(
        check, left == 0, f"{left} values are not; run `pulse rotate-keys` and keep all keys until then"
    )


async def _check_audit(bot: Bot) -> Finding:
    faults = (await bot.store.audit.verify_chain()).faults
    advice = f"{'; '.join(faults)}. Somebody changed the database by hand"
    return Finding("the audit log is as it was written", not faults, advice)


async def _check_unknown(bot: Bot) -> Finding:
    count = (await bot.store.diagnostics.count_figures(bot.clock.now())).deliveries["unknown"]
    advice = f"of {count} it is not: `pulse deliveries --state unknown`, look in the channel, `pulse resolve`"
    return Finding("it is known of everything that went out whether it arrived", count == 0, advice)


async def _check_unreached(bot: Bot) -> Finding:
    count = (await bot.store.diagnostics.count_figures(bot.clock.now())).unreached
    advice = f"{count} did not: their button waits in the channel. See below which lead can't be written to"
    return Finding("every alert and digest of the last days reached its lead", count == 0, advice)
