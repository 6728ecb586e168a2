import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "../../cloud";
import {
  INVOCATION_TIMEOUT_MS,
  InvocationTimeout,
  type ContainerAnswer,
  type ContainerRequest,
  type Instance,
} from "../sagemaker/hosting/fleets/instance";
import type { ServingFault } from "../../faults/kinds";
import type { ServingPlace } from "../../faults/faults";
import { absurd, emptied, rewritten } from "./nonsense";

/**
 * Sends a request to an instance, through the fault that was asked for, if any.
 * @throws InvocationTimeout, InstanceUnreachable as `Instance.send`.
 */
export function exchange(
  cloud: Cloud,
  place: ServingPlace,
  instance: Instance,
  request: ContainerRequest,
): Promise<ContainerAnswer> {
  const fault = cloud.faults.strikeServing(place);
  return fault ? faulty(cloud, fault, instance, request) : instance.send(request);
}

async function faulty(
  cloud: Cloud,
  fault: ServingFault,
  instance: Instance,
  request: ContainerRequest,
): Promise<ContainerAnswer> {
  switch (fault.kind) {
    case "hang":
      // Cloud time: unlike a container that is slow, one that never answers need not be waited for in real time.
      return instance.holding(async () => {
        await cloud.clock.sleep(INVOCATION_TIMEOUT_MS);
        throw new InvocationTimeout(`no answer within ${INVOCATION_TIMEOUT_MS} ms`);
      });
    case "slow":
      return instance.holding(async () => {
        await delay(fault.delayMs);
        return instance.send(request);
      });
    case "out-of-memory": {
      const pending = instance.send(request);
      instance.crash();
      return pending;
    }
    case "error":
      return {
        ...(await instance.send(request)),
        status: fault.status,
        headers: { "content-type": "text/plain" },
        body: Buffer.from("the container failed (a fault on request)"),
      };
    case "empty":
      return rewritten(await instance.send(request), (value) => emptied(value, fault.member));
    case "absurd":
      return rewritten(await instance.send(request), absurd);
  }
}
