import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

interface Workflow {
  readonly on: Record<string, unknown>;
  readonly permissions?: Record<string, string>;
  readonly concurrency?: { readonly group: string };
  readonly jobs: Record<string, { "timeout-minutes"?: number; steps: { uses?: string; run?: string }[] }>;
}

const project = resolve(__dirname, "../..");
const folder = join(project, ".github", "workflows");
const workflows = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), "utf8");
  return { file, text, workflow: parse(text) as Workflow };
});
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

describe("workflows of GitHub", () => {
  for (const { file, text, workflow } of workflows) {
    it(`${file} runs actions by commit, with the version beside it`, () => {
      const used = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action!);
      assert.ok(used.length > 0);
      assert.deepEqual(
        used.filter((action) => !/^[\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)),
        [],
      );
    });

    it(`${file} may read the code and no more, ends by itself, and is replaced by a newer run`, () => {
      assert.deepEqual(workflow.permissions, { contents: "read" });
      assert.ok(workflow.concurrency?.group);
      for (const [name, job] of Object.entries(workflow.jobs)) assert.ok(job["timeout-minutes"], name);
    });

    it(`${file} runs only programs of the project that exist`, () => {
      const named = stepsOf(workflow).flatMap(({ run = "" }) => run.match(/(?<=^|\s)(\.ci|scripts)\/[\w./-]+/g) ?? []);
      assert.deepEqual(
        named.filter((path) => !existsSync(join(project, path))),
        [],
      );
    });
  }

  it("take the same commit of an action everywhere", () => {
    const commits = new Map<string, Set<string>>();
    for (const { uses } of workflows.flatMap(({ workflow }) => stepsOf(workflow))) {
      const [action, commit] = (uses ?? "").split("@");
      if (action && commit) commits.set(action, (commits.get(action) ?? new Set()).add(commit));
    }
    assert.deepEqual(
      [...commits].filter(([, found]) => found.size > 1),
      [],
    );
  });

  it("run what a reader of the README runs, for each push and pull request", () => {
    const { workflow } = workflows.find(({ file }) => file === "test.yml")!;
    assert.deepEqual(Object.keys(workflow.on).sort(), ["pull_request", "push"]);
    assert.ok(stepsOf(workflow).some(({ run }) => run === ".ci/run"));
  });
});
