"""Wires the doors that providers' notifications come in by, made of settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import SecretStr

from gateway.domain.records import Provider
from gateway.push import ims, visionular, vod
from gateway.push.door import Door, Upstream
from gateway.push.notice import Notice
from gateway.push.proof import Proof, SharedSecret, Signature
from gateway.settings.push import Push, words


def doors(push: Push, upstream: Upstream) -> list[Door]:
    """Return a door for every provider whose notifications are expected."""
    return [
        Door(provider, upstream, proof=proof, read=read, window=push.window, per_second=push.per_second)
        for provider, proof, read in _expected(push)
    ]


def _expected(push: Push) -> Iterator[tuple[Provider, Proof, Callable[[bytes], list[Notice]]]]:
    if push.vod_key and push.vod_url:
        yield Provider.VOD, _signature("VOD", push.vod_url, push.vod_key, push.window), vod.notices
    if push.ims_key and push.ims_url:
        yield Provider.IMS, _signature("ICE", push.ims_url, push.ims_key, push.window), ims.notices
    if push.visionular_secret:
        secret = SharedSecret(words(push.visionular_secret), header=push.visionular_header)
        yield Provider.VISIONULAR, secret, visionular.notices


def _signature(product: str, url: str, key: SecretStr, window: float) -> Signature:
    return Signature(product, url, words(key), window=window)
