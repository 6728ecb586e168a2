import assert from "node:assert/strict";
import type { ParameterStore } from "../../../aws/ssm";
import { UserError } from "../../../automation/errors";
import { DesiredReleaseStore, keptBehind, sameRelease } from "../../../automation/release/desired-release";
import { maxKeptReleases } from "../../../contract/desired-release";
import { parseRelease } from "../../../infra/release";
import { modelOf, releaseOf } from "./releases";

function parameters(value?: string): ParameterStore & { value?: string } {
  const held = {
    value,
    get: () => Promise.resolve(held.value),
    put: (_name: string, text: string) => Promise.resolve(void (held.value = text)),
    delete: () => Promise.resolve(void (held.value = undefined)),
  };
  return held as unknown as ParameterStore & { value?: string };
}

describe("the desired release of an environment", () => {
  it("is read by the program as automation wrote it", async () => {
    const held = parameters();
    const release = { ...releaseOf("a"), instances: 3, kept: [modelOf("b")] };
    const store = new DesiredReleaseStore(held, "prod", "/peregrine/prod/release");
    await store.write(release);
    assert.deepEqual(parseRelease("/peregrine/prod/release", held.value!), release);
    assert.deepEqual(await store.read(), release);
    await store.restore(undefined);
    assert.equal(await store.read(), undefined);
  });

  it("fits into a standard parameter with everything that is kept", () => {
    const longest = {
      ...modelOf("a"),
      instances: 100,
      modelPackageArn: `${modelOf("a").modelPackageArn}${"9".repeat(63)}`,
      imageUri: `${modelOf("a").imageUri}${"9".repeat(120)}`,
    };
    const text = JSON.stringify({
      ...releaseOf("a"),
      ...longest,
      promotedBy: "a".repeat(200),
      kept: Array.from({ length: maxKeptReleases }, () => ({ ...longest, promotedAt: releaseOf("a").promotedAt })),
    });
    assert.ok(text.length <= 4096, String(text.length));
  });

  it("keeps the releases it follows, newest first, each once, and not itself", () => {
    const digits = (models: readonly { modelSha256: string }[]) =>
      models.map(({ modelSha256 }) => modelSha256[0]).join("");
    assert.equal(digits(keptBehind(modelOf("a"), undefined)), "");
    assert.equal(digits(keptBehind(modelOf("b"), releaseOf("a"))), "a");
    assert.equal(digits(keptBehind(modelOf("d"), { ...releaseOf("c"), kept: [modelOf("b"), modelOf("a")] })), "cb");
    // Going back: what is left stays ready, too.
    assert.equal(digits(keptBehind(modelOf("b"), { ...releaseOf("c"), kept: [modelOf("b"), modelOf("a")] })), "ca");
    // When it went live stays known: dashboards mark it.
    assert.equal(keptBehind(modelOf("b"), releaseOf("a"))[0]!.promotedAt, releaseOf("a").promotedAt);
    assert.ok(sameRelease({ ...modelOf("a") }, { ...modelOf("a") }) && !sameRelease(modelOf("a"), modelOf("b")));
  });

  it("is a clear error when somebody damaged the parameter", async () => {
    for (const text of ["{", '{"modelSha256":"x"}'])
      await assert.rejects(
        new DesiredReleaseStore(parameters(text), "prod", "/p").read(),
        (error: Error) =>
          error instanceof UserError &&
          /desired release of prod \(SSM parameter \/p\) is damaged/.test(error.message) &&
          /rollback/.test(error.next),
      );
  });
});
