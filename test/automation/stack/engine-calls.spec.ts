import { strict as assert } from "node:assert";
import { Stack, type Workspace } from "@pulumi/pulumi/automation";
import { engineCalls } from "../../../automation/stack/engine-calls";

/** A stack of the Automation API itself, whose CLI notes what it is asked to run. */
async function stackThatNotes() {
  const runs: string[] = [];
  const note = async (args: readonly string[]) => (runs.push(args.slice(0, 2).join(" ")), { stdout: "[]", stderr: "" });
  const workspace = {
    workDir: ".",
    envVars: {},
    pulumiCommand: { command: "pulumi", version: null, run: note },
    selectStack: async () => undefined,
    serializeArgsForOp: async () => [],
    postCommandCallback: async () => undefined,
    stackOutputs: async () => (runs.push("stack output", "stack output"), {}),
    removeStack: async () => void runs.push("stack rm"),
  } as unknown as Workspace;
  return { runs, stack: await Stack.select("dev", workspace) };
}

describe("the engine's operations", () => {
  it("run the CLI once each, where the Automation API runs it up to four times", async () => {
    const { runs, stack } = await stackThatNotes();
    const engine = engineCalls(stack);
    await engine.up({});
    await engine.destroy({ remove: true });
    assert.deepEqual(runs, ["up --yes", "destroy --yes", "stack rm"]);
    runs.length = 0;
    await stack.up({});
    assert.deepEqual(runs, ["up --yes", "stack output", "stack output", "stack history"]);
  });

  it("leave the stack as it was: it still tells its outputs", async () => {
    const { runs, stack } = await stackThatNotes();
    engineCalls(stack);
    await stack.outputs();
    assert.deepEqual(runs, ["stack output", "stack output"]);
  });
});
