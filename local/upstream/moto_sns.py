"""What SNS does and moto does not: a queue whose policy, or whose key's policy, refuses the topic gets nothing, nor does one that is gone; the
subscription's dead-letter queue gets the message in its place.

Who may send is decided by the local cloud's own IAM, which names the refused subscriptions with each message, and where theirs goes instead. Applied by moto_server.py
after the clock is in place, since these functions import moto.
"""

from __future__ import annotations

import copy
import threading
from typing import Any

HEADER = "X-Peregrine-Refused"
REDRIVEN = "X-Peregrine-Redriven"


def apply() -> None:
    from moto.sns.models import Subscription
    from moto.sns.responses import SNSResponse

    local = threading.local()
    deliver = Subscription.publish

    def told(original: Any) -> Any:
        def publish(self: SNSResponse) -> Any:
            local.refused = set(filter(None, self.headers.get(HEADER, "").split(",")))
            local.redriven = dict(pair.split("=", 1) for pair in self.headers.get(REDRIVEN, "").split(",") if pair)
            try:
                return original(self)
            finally:
                local.refused, local.redriven = set(), {}

        return publish

    def publish(self: Subscription, *args: Any, **kwargs: Any) -> None:
        queue = getattr(local, "redriven", {}).get(self.arn)
        if queue is not None:
            # As it would have come to the subscriber, with the subscription's own filter.
            instead = copy.copy(self)
            instead.endpoint = queue
            deliver(instead, *args, **kwargs)
        elif self.arn not in getattr(local, "refused", set()):
            deliver(self, *args, **kwargs)

    SNSResponse.publish, SNSResponse.publish_batch = told(SNSResponse.publish), told(SNSResponse.publish_batch)  # type: ignore[method-assign]
    Subscription.publish = publish  # type: ignore[method-assign]
