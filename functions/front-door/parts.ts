import { EventBus } from "../../aws/eventbridge";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { SageMakerRuntime } from "../../aws/sagemaker-runtime";
import type { AwsSession } from "../../aws/session";
import { Queues } from "../../aws/sqs";
import { platformSource } from "../../contract/events";
import { failoverLedgerKey, heldQueue, type Rung, rungEndpoint, rungs } from "../../contract/front-door";
import { watchEvent } from "../../contract/monitoring";
import { readVariables } from "../../contract/variables";
import { switchNotice } from "../../lifecycle/failover/notice";
import { FailoverBook } from "../../records/failover-book";
import { Breakers } from "./breakers";
import { Endpoints } from "./endpoints";

/** What Lambda tells a handler of itself, as far as it is read. */
export interface FunctionContext {
  readonly invokedFunctionArn: string;
}

/** What the functions that climb the ladder are made of. */
export function partsOf(
  handler: "front-door" | "answer-held",
  session: AwsSession,
  { invokedFunctionArn }: FunctionContext,
) {
  const { ENVIRONMENT, ARTIFACTS_BUCKET, EVENT_BUS, RUNGS, TIMEOUT_SECONDS } = readVariables(handler, process.env);
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const objects = new ObjectStore(session);
  const bus = new EventBus(session, EVENT_BUS);
  const has = rungs.filter((rung) => RUNGS.split(",").includes(rung));
  const about = {
    endpoint: rungEndpoint(ENVIRONMENT, "champion"),
    environment: ENVIRONMENT,
    evidence: `s3://${ARTIFACTS_BUCKET}/${failoverLedgerKey}`,
  };
  const book = new FailoverBook({
    store: objects,
    bucket: ARTIFACTS_BUCKET,
    rungs: has,
    by: invokedFunctionArn,
    tell: (made) => bus.put(platformSource("serving"), watchEvent.switched, switchNotice(made, about)),
    log,
  });
  return {
    bucket: ARTIFACTS_BUCKET,
    queue: heldQueue(ENVIRONMENT),
    rungs: has as readonly Rung[],
    breakers: new Breakers(book, log),
    endpoints: new Endpoints({
      environment: ENVIRONMENT,
      runtime: new SageMakerRuntime(session, 1),
      endpoints: new SageMaker(session),
      timeoutMs: Number(TIMEOUT_SECONDS) * 1000,
      log,
    }),
    objects,
    queues: new Queues(session),
    log,
    elapsed: () => performance.now(),
  };
}
