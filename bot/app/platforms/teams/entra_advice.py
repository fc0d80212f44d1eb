"""Say in words why Entra refused the bot a token.

https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
"""

import re
from typing import Final

_CODE: Final = re.compile(r"AADSTS(\d+)")
_WORDS: Final = {
    53003: "a Conditional Access policy blocks it; ask its administrator to exclude the bot's service principal",
    90002: "there is no such tenant; check tenant_id",
    500011: "the tenant does not know Bot Framework; create the Azure Bot in this tenant, or check tenant_id",
    700016: "the tenant does not know the app; check app_id and tenant_id, and give an app that serves two tenants "
    "its service principal in the second",
    700024: "the certificate's proof is not valid at this time; check the clock of this machine",
    700027: "the certificate is not the app's; upload its public part under Certificates & secrets",
    7000112: "the app is disabled; an administrator of the tenant can enable it under Enterprise applications",
    7000215: "the password is wrong; copy the secret's Value, not its Secret ID",
    7000218: "neither a password nor a certificate was sent; set app_password or app_certificate",
    7000222: "the password has expired; make a new client secret and set app_password",
    7000229: "the app has no service principal in the tenant; an administrator of the tenant must create it",
}


def explain_refusal(reason: str) -> str:
    """Return the advice for the reason of a failed token request; it always repeats the reason."""
    code = _CODE.search(reason)
    words = _WORDS.get(int(code[1])) if code else None
    if code and words:
        return f"{code[0]}: {words}; see docs/teams.md"
    if reason == "no_token":
        return f"{reason}: Entra was not reached; check the network, the proxy and teams.token_url"
    return f"{reason}: check app id, tenant, password or certificate and its expiry; see docs/teams.md"
