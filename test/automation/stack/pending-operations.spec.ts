import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { pendingOptions, releasedOnly, stackHolders } from "../../../automation/stack/pending-operations";
import { hasEnded } from "../../../automation/lock-holder";
import type { PendingOperation } from "../../../automation/stack/stack-state";

const creating = (type: string, inputs: Record<string, unknown>): PendingOperation => ({
  type: "creating",
  resource: { urn: `urn:pulumi:prod::peregrine::${type}::x`, type, inputs },
});

describe("what a killed engine leaves behind", () => {
  it("is taken up under the name it was being created with", () => {
    const config = creating("aws:sagemaker/endpointConfiguration:EndpointConfiguration", {
      name: "peregrine-prod-detector-1",
    });
    const target = creating("aws:appautoscaling/target:Target", {
      serviceNamespace: "sagemaker",
      resourceId: "endpoint/e/variant/champion",
      scalableDimension: "sagemaker:variant:DesiredInstanceCount",
    });
    assert.deepEqual(pendingOptions([config, target]), [
      "--import-pending-creates",
      config.resource.urn,
      "--import-pending-creates",
      "peregrine-prod-detector-1",
      "--import-pending-creates",
      target.resource.urn,
      "--import-pending-creates",
      "sagemaker/endpoint/e/variant/champion/sagemaker:variant:DesiredInstanceCount",
    ]);
  });

  it("is dropped where nobody can tell its name, and where it was no creation", () => {
    assert.deepEqual(pendingOptions([creating("aws:sns/topic:Topic", {})]), ["--clear-pending-creates"]);
    assert.deepEqual(
      pendingOptions([{ ...creating("aws:sagemaker/endpoint:Endpoint", { name: "e" }), type: "updating" }]),
      [],
    );
    assert.deepEqual(pendingOptions([]), []);
  });

  it("is looked at without the rest of the stack, which release builds may not read", () => {
    const of = (type: string) => ({ urn: `urn:pulumi:prod::peregrine::${type}::x`, type });
    const stack = of("pulumi:pulumi:Stack");
    const endpoint = of("aws:sagemaker/endpoint:Endpoint");
    const config = creating("aws:sagemaker/endpointConfiguration:EndpointConfiguration", {
      name: "peregrine-prod-detector-1",
    });
    assert.deepEqual(
      releasedOnly(
        [stack, of("aws:ec2/vpc:Vpc"), of("aws:cloudtrail/trail:Trail"), endpoint],
        [config, creating("aws:sns/topic:Topic", {})],
      ),
      ["--target", stack.urn, "--target", endpoint.urn, "--target", config.resource.urn],
    );
    // Without a target everything would be looked at.
    assert.deepEqual(releasedOnly([stack], []), ["--target", stack.urn]);
  });

  it("may be a lock, whose holder the engine names", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const text = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n  file:///state/.pulumi/locks/organization/peregrine/prod/1.json: created by root@${hostname()} (pid ${pid}) at 2026-11-25T10:00:00Z`;
    const [holder] = stackHolders(text);
    assert.deepEqual(holder, { host: hostname(), pid });
    assert.equal(hasEnded(holder!), true);
    assert.equal(hasEnded({ host: hostname(), pid: process.pid }), false);
    assert.equal(hasEnded({ host: "elsewhere", pid: holder!.pid }), false, "nobody here knows what runs there");
    assert.deepEqual(stackHolders("error: no such stack"), []);
  });
});
