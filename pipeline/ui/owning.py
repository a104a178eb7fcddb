"""Who may change the catalogue: the owner, by a password or by sitting at the machine itself."""

from __future__ import annotations

import hmac
import os
import threading
import time
from ipaddress import ip_address

import gradio as gr

PASSWORD = "FASHION_ADMIN_PASSWORD"
# Seconds that a wrong password costs, one try after the other, whoever tries.
WAIT = 1.0
_tries = threading.Lock()


def password() -> str:
    """The owner's password; empty: there is none."""
    return os.environ.get(PASSWORD, "")


def is_public() -> bool:
    """Whether this is a Space: strangers come through a proxy that may look like this machine."""
    return bool(os.environ.get("SPACE_ID"))


def sits_here(request: gr.Request) -> bool:
    """Whether the browser runs on this machine, no proxy in between."""
    headers = {name.lower() for name in request.headers}
    if is_public() or headers & {"x-forwarded-for", "forwarded", "x-real-ip"}:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except (AttributeError, ValueError):
        return False


def is_right(told: str, wait: float = WAIT) -> bool:
    """Whether this is the password; where there is none, nothing is."""
    if password() and hmac.compare_digest(told.encode(), password().encode()):
        return True
    with _tries:
        time.sleep(wait)
    return False
