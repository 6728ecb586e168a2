import assert from "node:assert/strict";
import { dashboardApp } from "../../insight/dashboard/app";
import { Site } from "../../insight/dashboard/site";
import { platform } from "./platform";

const app = (live = true) =>
  dashboardApp(
    () => Promise.resolve(new Site(platform(), live)),
    (host) => host === "here",
  );
const ask = (path: string, options: RequestInit = {}) =>
  app().request(path, { ...options, headers: { host: "here", ...(options.headers as Record<string, string>) } });

describe("the dashboard as it is served", () => {
  it("sends every page and every table of it, and each link leads to one", async () => {
    const site = new Site(platform(), true);
    for await (const [path, { type, body }] of site.files()) {
      const answer = await ask(`/${path}`);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get("content-type"), type);
      for (const [, link] of body.matchAll(/<a [^>]*href="([^"#]+)"/g)) {
        if (type.startsWith("text/html")) assert.ok(await site.file(link!), `${path} links to ${link}`);
      }
      for (const [, anchor] of body.matchAll(/href="#([^"]+)"/g))
        if (type.startsWith("text/html")) assert.ok(body.includes(`id="${anchor}"`), `${path} has no #${anchor}`);
    }
  });

  it("lets browsers run and load nothing but its own, show it in no frame, and keep nothing", async () => {
    const { headers } = await ask("/index.html");
    const policy = headers.get("content-security-policy")!;
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("cache-control"), "no-store");
  });

  it("takes nothing from anybody, and answers to no other name", async () => {
    assert.equal((await ask("/index.html", { method: "POST" })).status, 405);
    assert.equal((await ask("/index.html", { headers: { host: "evil.example" } })).status, 421);
    assert.equal((await ask("/../package.json")).status, 404);
    assert.equal((await ask("/data/index.nothing.csv")).status, 404);
    assert.equal((await ask("/")).headers.get("location"), "/index.html");
  });

  it("says why when nothing can be read", async () => {
    const broken = dashboardApp(
      () => Promise.reject(new Error("nobody answers <b>")),
      () => true,
    );
    const answer = await broken.request("/index.html");
    assert.equal(answer.status, 503);
    assert.match(answer.headers.get("content-type")!, /^text\/plain/);
    assert.match(await answer.text(), /nobody answers/);
  });
});
