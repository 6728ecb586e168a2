import assert from "node:assert/strict";
import { Site } from "../../insight/dashboard/site";
import { tableCsv } from "../../insight/pages/data-table";
import { platform } from "./platform";
import { typed } from "./typed";

const hostile = `<script>alert(1)</script>"'\u0000><img src=x onerror=alert(2)>\${7*7}=cmd|' /C calc'!A0`;

async function all(site: Site): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const [path, { body }] of site.files()) files.set(path, body);
  return files;
}

describe("the dashboard's pages", () => {
  it("are the same bytes for the same facts", async () => {
    assert.deepEqual(await all(new Site(platform(), false)), await all(new Site(platform(), false)));
  });

  it("show what comes from outside as text, wherever it stands", async () => {
    const files = await all(new Site(platform({ outside: (text) => `${text} ${hostile}` }), false));
    for (const [path, body] of files) {
      if (!path.endsWith(".html")) continue;
      const own = body.match(/<script>/g)?.length;
      assert.equal(own, 1, `${path} has ${own} scripts`);
      assert.doesNotMatch(body, /<img/, path);
      assert.doesNotMatch(body.replace(/"[^"]*"/g, '""'), /<[^>]* onerror=/, path);
      assert.ok(body.includes("&lt;script&gt;alert(1)") || !body.includes("alert(1)"), path);
    }
    assert.match(files.get("index.html")!, /&lt;script&gt;alert\(1\)/);
  });

  it("tell of each number where it is from: no source is cited that is not told", async () => {
    for (const [path, body] of await all(new Site(platform(), false))) {
      if (!path.endsWith(".html")) continue;
      const cited = [...body.matchAll(/href="#source-(\d+)"/g)].map(([, number]) => number);
      assert.ok(cited.length > 0, path);
      for (const number of cited) assert.ok(body.includes(`id="source-${number}"`), `${path}: ${number}`);
    }
  });

  it("name commands that can be typed as they stand", async () => {
    const empty = platform({
      change: (one) => ({ ...one, releases: { value: [], evidence: { what: "the ledger" } } }),
    });
    const commands = new Set<string>();
    for (const facts of [platform(), empty])
      for (const [path, body] of await all(new Site(facts, false)))
        if (path.endsWith(".html"))
          for (const [, command] of body.matchAll(/(?:<code>|data-copy=")((?:npx|pulumi) [^<"]+)/g))
            commands.add(command!.replaceAll("&#39;", "'").replaceAll("&amp;", "&"));
    assert.ok(commands.size > 20, `${commands.size} commands`);
    for (const command of commands) await typed(command);
  });

  it("show what a release did to the business, how it is known, and what it was worth", async () => {
    const { body } = (await new Site(platform(), false).file("business-prod.html"))!;
    assert.match(body, /false-calls is better: −/);
    assert.match(body, /evidence C, interrupted time series/);
    assert.match(body, /<svg role="img" aria-label="false-calls by day\. /);
    assert.match(body, /dates at which nothing changed look as much\s+like a change/);
    assert.match(body, /Nothing can be said about repairs: .*30 are needed/);
    assert.match(body, /95 % between .* USD and .* USD/);
    assert.match(body, /<svg role="img" aria-label="How much each input moves the net/);
    const nothing = (await new Site(platform(), false).file("business-staging.html"))!.body;
    assert.match(nothing, /Nothing ever went live in staging/);
    assert.doesNotMatch(nothing, /\d USD/);
  });

  it("withhold a return that nobody can know, with the reason", async () => {
    const facts = platform({
      change: (one) =>
        "unread" in one.effects
          ? one
          : {
              ...one,
              effects: {
                ...one.effects,
                value: {
                  ...one.effects.value,
                  roi: { verdict: "withheld", reasons: ["the price of people is not known"] },
                },
              },
            },
    });
    const { body } = (await new Site(facts, false).file("business-prod.html"))!;
    assert.match(body, /No return is stated, rather than a guess: the price of people is not known\./);
    assert.doesNotMatch(body, /above 0 with a chance/);
  });

  it("say what makes something, where there is nothing yet", async () => {
    const site = new Site(
      { ...platform(), environments: [], down: [{ name: "dev", why: "nothing is deployed" }] },
      false,
    );
    const { body } = (await site.file("index.html"))!;
    assert.match(body, /Nothing is up yet: dev\./);
    assert.match(body, /pulumi up --stack dev/);
  });

  it("are drawn though nothing could be read, and say so", async () => {
    const unread = { unread: "AccessDenied: <b>" } as const;
    const facts = platform({
      change: (one) => ({
        ...one,
        serving: unread,
        packages: unread,
        releases: unread,
        metrics: unread,
        price: unread,
        log: unread,
      }),
    });
    const files = await all(new Site(facts, false));
    assert.match(files.get("index.html")!, /Could not be read: serving \(AccessDenied: &lt;b&gt;\)/);
    assert.match(files.get("model-prod.html")!, /The metrics could not be read/);
  });

  it("give their tables as CSV that no spreadsheet takes for formulas", () => {
    const csv = tableCsv({
      id: "t",
      title: "T",
      columns: [
        { key: "a", label: "A" },
        { key: "b", label: "B" },
      ],
      rows: [
        ["=1+1", -5],
        ['say "x",\ny', null],
        ["@sum", 0.25],
      ],
    });
    assert.equal(csv, `a,b\r\n'=1+1,-5\r\n"say ""x"",\ny",\r\n'@sum,0.25\r\n`);
  });
});
