"""The error tree, and for every error its code and its verdict on trying again.

```text
GatewayError
├ BadUserInput            the client asked for something malformed
├ Forbidden               the client may not see this
├ NotFound                the provider says there is no such thing
├ NotOffered              this provider has no such operation
├ NotConfigured           this deployment holds no credentials for the provider
├ CredentialsUnavailable  it should, and whoever hands them out does not
├ QuotaExhausted          refused here, before sending, to stay within the provider's quota
├ CircuitOpen             refused here, because the provider has been failing
└ ProviderError           the provider was asked; knows operation and the provider's request id
  ├ Throttled             refused for rate
  ├ Unavailable           no connection, or a fault on the provider's side
  │ └ TimedOut            no complete answer within the deadline
  ├ Unauthorized          key, signature, clock or permission
  │ └ KeyReplaced         ... of a key that there is a new one for meanwhile
  ├ Rejected              the provider refuses the parameters
  └ Garbled               an answer that does not fit what the provider documents
```

Codes are API: clients branch on them, and README documents each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from gateway.domain.records import Provider


class GatewayError(Exception):
    """Anything that may reach a client as a coded error.

    Args:
        message: One sentence for the client; never a provider's text, a secret or a URL.
        provider: Whose part of the graph lacks its data; None where no provider is involved.
        retry_after: Seconds after which trying again makes sense; None where unknown.

    Attributes:
        source: Which of the provider's accounts, where it is not the default one.
    """

    code: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        provider: Provider | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.retry_after = retry_after
        self.source: str | None = None


class BadUserInput(GatewayError):
    """The client asked for something malformed; nothing was sent to a provider."""

    code = "BAD_USER_INPUT"


class Forbidden(GatewayError):
    """The client may not see this; nothing was sent to a provider."""

    code = "FORBIDDEN"


class NotFound(GatewayError):
    """The provider says there is no such thing. Lookups turn this into null."""

    code = "NOT_FOUND"


class NotOffered(GatewayError):
    """The provider has no operation that could answer."""

    code = "NOT_OFFERED"


class NotConfigured(GatewayError):
    """This deployment holds no credentials for the provider."""

    code = "PROVIDER_NOT_CONFIGURED"


class CredentialsUnavailable(GatewayError):
    """Whoever hands out the provider's credentials does not answer, or refuses."""

    code = "CREDENTIALS_UNAVAILABLE"
    retryable = True


class QuotaExhausted(GatewayError):
    """Refused before sending: the provider's quota allows no call within the deadline."""

    code = "UPSTREAM_QUOTA_EXHAUSTED"
    retryable = True


class CircuitOpen(GatewayError):
    """Refused before sending: the provider has been failing and is being left alone."""

    code = "CIRCUIT_OPEN"
    retryable = True


class ProviderError(GatewayError):
    """A call was made and did not yield what was asked for.

    Args:
        message: As for GatewayError.
        provider: The provider that was called.
        operation: The provider's name of the operation, e.g. ``GetTranscodeSummary``.
        request_id: The provider's id of the call, for its support desk; None where it sent none.
        provider_code: The provider's own error code, e.g. ``Throttling.User`` or ``1003``.
        retry_after: As for GatewayError.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: Provider,
        operation: str,
        request_id: str | None = None,
        provider_code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, provider=provider, retry_after=retry_after)
        self.operation = operation
        self.request_id = request_id
        self.provider_code = provider_code


class Throttled(ProviderError):
    """The provider refused for rate."""

    code = "UPSTREAM_THROTTLED"
    retryable = True


class Unavailable(ProviderError):
    """No connection, or a fault on the provider's side."""

    code = "UPSTREAM_UNAVAILABLE"
    retryable = True


class TimedOut(Unavailable):
    """No complete answer within the deadline."""

    code = "UPSTREAM_TIMEOUT"


class Unauthorized(ProviderError):
    """The provider does not accept our key, signature, clock or permission."""

    code = "UPSTREAM_AUTH"


class KeyReplaced(Unauthorized):
    """The provider did not accept a key that has been replaced since the call was signed."""

    code = "UPSTREAM_KEY_REPLACED"
    retryable = True


class Rejected(ProviderError):
    """The provider refuses the parameters."""

    code = "UPSTREAM_REJECTED"


class Garbled(ProviderError):
    """The answer does not fit what the provider documents."""

    code = "UPSTREAM_BAD_RESPONSE"
