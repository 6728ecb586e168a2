"""What SNS does and moto does not: a queue whose policy, or whose key's policy, refuses the topic gets nothing.

Who may send is decided by the local cloud's own IAM, which names the refused subscriptions with each message. Applied by moto_server.py
after the clock is in place, since these functions import moto.
"""
from __future__ import annotations

import threading
from typing import Any

HEADER = "X-Peregrine-Refused"


def apply() -> None:
    from moto.sns.models import Subscription
    from moto.sns.responses import SNSResponse

    local = threading.local()
    deliver = Subscription.publish

    def told(original: Any) -> Any:
        def publish(self: SNSResponse) -> Any:
            local.refused = set(filter(None, self.headers.get(HEADER, "").split(",")))
            try:
                return original(self)
            finally:
                local.refused = set()

        return publish

    def publish(self: Subscription, *args: Any, **kwargs: Any) -> None:
        if self.arn not in getattr(local, "refused", set()):
            deliver(self, *args, **kwargs)

    SNSResponse.publish, SNSResponse.publish_batch = told(SNSResponse.publish), told(SNSResponse.publish_batch)  # type: ignore[method-assign]
    Subscription.publish = publish  # type: ignore[method-assign]
