import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parse } from "yaml";
import { environments } from "../../contract/environments";
import { allRoles } from "../../infra/identity/roles/all-roles";
import { rolloutAlarms, endpointAlarms } from "../../infra/serving/alarms";
import { faultKindNames } from "../../local/faults/kinds";
import { rules } from "../../policies/rules";
import { program } from "../../scripts/cli";
import { scopeOf } from "../support/scope";

const project = resolve(__dirname, "../..");
const text = (path: string) => readFileSync(join(project, path), "utf8");
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: project, encoding: "utf8" })
  .split("\n")
  .filter((path) => path && existsSync(join(project, path)));
/** Files below a folder, or the one file. */
const below = (...places: string[]) =>
  files.filter((path) => places.some((place) => path === place || path.startsWith(`${place}/`)));

/** The file of that name, or all files below the folder. */
const filesOf = (name: string) => below(name.replace(/\/$/, ""));
const anyOf = (paths: readonly string[], holds: (content: string) => boolean) =>
  paths.some((path) => holds(text(path)));

interface Item {
  /** Files and folders that the item names, the example's name filled in. */
  readonly names: readonly string[];
  /** For some changes only. */
  readonly conditional: boolean;
}

/** What CONTRIBUTING says under a heading: the example, and the list of files. */
function listUnder(title: string): { example: string; items: readonly Item[] } {
  const section = text("CONTRIBUTING.md").split(`\n### ${title}\n`)[1]?.split("\n#")[0];
  assert.ok(section, `CONTRIBUTING.md has no heading "${title}"`);
  const [, placeholder = "", example = ""] = /^Example: `<(\w+)>` is `([^`]+)`\.$/m.exec(section) ?? [];
  assert.ok(example, `"${title}" has no example`);
  const items = [...section.matchAll(/^- (.*(?:\n {2}.*)*)/gm)].map(([, item]) => ({
    conditional: item!.startsWith("Where "),
    names: [...item!.matchAll(/`([^`\s*]+)`/g)]
      .map(([, code]) => code!.replaceAll(`<${placeholder}>`, example))
      .filter((code) => code.includes("/") || /\.(md|yaml|json)$/.test(code)),
  }));
  return { example, items };
}

const source = ["contract", "infra", "policies", "lifecycle", "pricing", "functions", "automation", "records", "aws"];
const commands = [...source, "Pulumi.yaml", "scripts/cli.ts", "scripts/commands"];

/** By heading: how a file shows that it has to do with the example, and where it is looked for. */
const kinds: Readonly<Record<string, { readonly sign: RegExp; readonly places: readonly string[] }>> = {
  "A rule of the policy pack": { sign: /host-fits-image|hostFitsImage/, places: source },
  "A SageMaker operation in the local cloud": {
    sign: /\bPutEventSelectors(Command)?\b/,
    places: ["local"],
  },
  "A kind of fault in the local cloud": { sign: /\babsurd\b/, places: ["local", "scripts/commands", "scripts/bench"] },
  "An alarm of the endpoint": { sign: /\brollout-golden\b/, places: [...source, "scripts/bench"] },
  "A role": { sign: /\bevent-forward\b/, places: source },
  "A setting": { sign: /\bgoldenPrefix\b/, places: commands },
  "A Lambda handler": { sign: /\bstart-release\b(?!-)|\bstartRelease\b/, places: source },
  "A decision": { sign: /\bsupersession\b/, places: source },
  "A command": { sign: /commands\/request"|\brequestRelease\b|\bperegrine request`/, places: commands },
};

describe("where a change goes", () => {
  for (const [title, { sign, places }] of Object.entries(kinds)) {
    describe(title, () => {
      const { example, items } = listUnder(title);
      const always = items.filter(({ conditional }) => !conditional).flatMap(({ names }) => names);

      it("names files that exist, one at least in each item", () => {
        assert.deepEqual(
          items.filter(({ names }) => names.length === 0),
          [],
        );
        const named = items.flatMap(({ names }) => names);
        assert.deepEqual(
          named.filter((path) => !existsSync(join(project, path))),
          [],
        );
      });

      it(`holds the example ${example} in each file that is always touched`, () => {
        assert.ok(always.length >= 3);
        assert.deepEqual(
          always.filter((name) => !anyOf(filesOf(name), (content) => sign.test(content))),
          [],
        );
      });

      it(`leaves out no file that holds ${example}`, () => {
        const named = items.flatMap(({ names }) => names).flatMap(filesOf);
        assert.deepEqual(
          below(...places).filter((path) => sign.test(text(path)) && !named.includes(path)),
          [],
        );
      });
    });
  }

  it("has no list that is not checked", () => {
    const titles = text("CONTRIBUTING.md")
      .split("## Where a change goes")[1]!
      .matchAll(/^### (.*)$/gm);
    assert.deepEqual([...titles].map(([, title]) => title).sort(), Object.keys(kinds).sort());
  });
});

/** The lists again, for everything that is there: what each names for the example is there for its siblings. */
describe("what went there before", () => {
  const without = (names: readonly string[], holds: (name: string) => boolean) =>
    assert.deepEqual(
      names.filter((name) => !holds(name)),
      [],
    );

  it("rules: a file, a spec of the same path, a line in policies/rules.ts and in the page", () => {
    without(
      rules.map(({ name }) => name),
      (name) =>
        existsSync(join(project, `policies/rules/${name}.ts`)) &&
        existsSync(join(project, `test/policies/rules/${name}.spec.ts`)) &&
        text("policies/rules.ts").includes(`"./rules/${name}"`) &&
        text("docs/policies.md").includes(`## ${name}\n`),
    );
  });

  it("faults: their place in the local cloud, a spec and a line in the page", () => {
    const [places, specs] = [below("local").filter((path) => path !== "local/faults/kinds.ts"), below("test/local")];
    without(faultKindNames, (kind) => {
      const quoted = (content: string) => content.includes(`"${kind}"`);
      return anyOf(places, quoted) && anyOf(specs, quoted) && text("docs/local-cloud.md").includes(`| \`${kind}\` |`);
    });
  });

  it("alarms of the endpoint: a line in the runbook", () => {
    const names = environments.flatMap((environment) =>
      Object.keys({ ...endpointAlarms(scopeOf(environment)), ...rolloutAlarms(scopeOf(environment)) }),
    );
    const runbook = ["endpoint-alarm", "quality-falls"].map((page) => text(`docs/runbooks/${page}.md`)).join("\n");
    without(names, (name) => runbook.includes(`-detector-${name}\``) || runbook.includes(`...-${name}-...`));
  });

  it("roles: one file in infra/identity that describes them, and a line in the page", () => {
    const places = below("infra/identity").filter((path) => /\broles\b/.test(path));
    const names = [...new Set(environments.flatMap((environment) => Object.keys(allRoles(scopeOf(environment)))))];
    without(
      names.map((name) => name.replace(/^experiment-.*/, "experiment-")),
      (name) =>
        anyOf(places, (content) => content.includes(name)) && text("docs/governance.md").includes(`| \`${name}`),
    );
  });

  it("settings: Pulumi.yaml, a reader in infra/settings and a line in the page", () => {
    const { config } = parse(text("Pulumi.yaml")) as { config: Readonly<Record<string, unknown>> };
    without(Object.keys(config), (name) => {
      const reads = new RegExp(`\\b${name.replace(/^.*:/, "")}\\b`);
      return (
        anyOf(below("infra/settings"), (content) => reads.test(content)) && reads.test(text("docs/configuration.md"))
      );
    });
  });

  it("handlers: a spec that imports them, and a function of the program", () => {
    const names = below("functions").flatMap((path) => /^functions\/([\w-]+)\.ts$/.exec(path)?.slice(1) ?? []);
    assert.ok(names.length >= 4);
    without(
      names,
      (name) =>
        anyOf(below("test/functions"), (content) => content.includes(`functions/${name}"`)) &&
        anyOf(below("infra"), (content) => content.includes(`"${name}"`)),
    );
  });

  it("decisions: a spec that imports them, and somebody who asks for them", () => {
    const names = below("lifecycle")
      .filter((path) => /\): Decision</.test(text(path)))
      .map((path) => basename(path, ".ts"));
    assert.ok(names.length >= 3);
    const specs = below("test").filter((path) => path.endsWith(".ts"));
    const askers = below(...source, "scripts").filter((path) => path.endsWith(".ts"));
    without(names, (name) => {
      const imports = new RegExp(`(lifecycle(/[\\w-]+)?|\\.)/${name}"`);
      return anyOf(specs, (content) => imports.test(content)) && anyOf(askers, (content) => imports.test(content));
    });
  });

  it("commands: a file of their name, and a line in the README", async () => {
    const names = (await program()).commands.map((command) => command.name());
    without(
      names,
      (name) =>
        below("scripts/commands").some((path) => basename(path, ".ts") === name) &&
        text("README.md").includes(`npx peregrine ${name}`),
    );
  });
});
