import assert from "node:assert/strict";
import type { GetTrailCommandInput, GetTrailCommandOutput } from "@aws-sdk/client-cloudtrail";
import { ownServices } from "../../../local/fidelity";
import { operation } from "../../../local/operation";
import { requiresOf, type Service } from "../../../local/service";
import { createServices } from "../../../local/services";
import { permissiveCloud } from "./permissive-cloud";

/** Services whose operations are not declared whole yet. No name is added: new services are written in the new form. */
const older = [
  "application-autoscaling",
  "cloudwatch",
  "codebuild",
  "efs",
  "events",
  "iam",
  "lambda",
  "resourcegroupstaggingapi",
  "sagemaker",
  "sagemaker-runtime",
  "scheduler",
  "service-quotas",
  "sts",
];

function services(): Service[] {
  const { cloud } = permissiveCloud();
  return createServices(cloud, { gatewayUrl: "http://127.0.0.1", images: {}, python: "python" });
}

/** Names of a service's operations that say requirement and fidelity themselves. */
function declared({ operations }: Service): string[] {
  return Object.entries(operations)
    .filter(([, entry]) => typeof entry !== "function")
    .map(([name]) => name);
}

describe("the form of an operation", () => {
  it("is the new one in every service but those that wait for their move", () => {
    const handlersAlone = services().filter(
      (service) => declared(service).length < Object.keys(service.operations).length,
    );
    assert.deepEqual(handlersAlone.map(({ id }) => id).sort(), older);
  });

  it("leaves nothing to a second table: neither permissions nor fidelity", () => {
    for (const service of services()) {
      const names = declared(service);
      const { simulated = [], recorded = [] } = ownServices[service.id] ?? {};
      const twice = [...Object.keys(service.permissions ?? {}), ...simulated, ...recorded];
      assert.deepEqual(
        names.filter((name) => twice.includes(name)),
        [],
        service.id,
      );
      if (names.length < Object.keys(service.operations).length) continue;
      assert.equal(service.permissions, undefined, `${service.id} has a second table of permissions`);
      assert.ok(!(service.id in ownServices), `${service.id} has a second table of fidelity`);
      for (const name of names) assert.ok(requiresOf(service, name), `${service.id}:${name}`);
    }
  });

  it("has a fidelity, a requirement and the SDK's types, or does not compile", () => {
    const requires = (): [] => [];
    const fidelity = { level: "recorded" } as const;
    type Input = GetTrailCommandInput;
    type Output = GetTrailCommandOutput;
    // @ts-expect-error -- nobody says how true it is
    operation<Input, Output>({ requires, handle: () => ({}) });
    // @ts-expect-error -- nobody says what it requires
    operation<Input, Output>({ fidelity, handle: () => ({}) });
    // @ts-expect-error -- there is no such level
    operation<Input, Output>({ requires, fidelity: { level: "perfect" }, handle: () => ({}) });
    // @ts-expect-error -- the request has no such member
    operation<Input, Output>({ requires, fidelity, handle: ({ TrailName }) => ({ Trail: { Name: TrailName } }) });
    // @ts-expect-error -- the answer's member is called otherwise
    operation<Input, Output>({ requires, fidelity, handle: ({ Name }) => ({ Trail: { TrailName: Name } }) });
    const whole = operation<Input, Output>({ requires, fidelity, handle: ({ Name }) => ({ Trail: { Name } }) });
    assert.deepEqual(Object.keys(whole).sort(), ["fidelity", "handle", "requires"]);
  });
});
