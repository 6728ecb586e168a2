import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProjectCopy } from "./project-copy";

/** The lines of the first shell block under a heading. */
function shellBlock(markdown: string, heading: string): string[] {
  const section = markdown.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const block = /```sh\n([\s\S]*?)```/.exec(section ?? "")?.[1];
  assert(block, `README.md has no shell block under "${heading}"`);
  return block.split("\n").filter(Boolean);
}

describe("README, work with the local cloud by hand", function () {
  this.slow(120_000);
  let project: ProjectCopy;
  let lines: string[];

  before(async () => {
    project = await ProjectCopy.make();
    // Beside a cloud that runs on this machine already; a shell that nobody watches cannot ask whether to go on.
    project.env = {
      ...project.env,
      PEREGRINE_LOCAL_PORT: "0",
      PEREGRINE_LOCAL_PROVIDER_PORT: "0",
      PULUMI_SKIP_CONFIRMATIONS: "true",
    };
    lines = shellBlock(readFileSync(join(project.folder, "README.md"), "utf8"), "Work with the local cloud by hand");
  });
  after(async () => {
    await project?.remove();
  });

  it("every line works as it stands, a second look finds nothing to change, and the working tree stays clean", async () => {
    const preview =
      "pulumi preview --stack dev --policy-pack policies --policy-pack-config policies/config/dev.json --expect-no-changes";
    const stop = lines.findIndex((line) => line.startsWith("npx peregrine local stop"));
    assert(stop > 0 && lines.some((line) => line.startsWith("pulumi up ")), lines.join("\n"));
    const wanted = [...lines.slice(0, stop), preview, ...lines.slice(stop)];
    const script = join(project.folder, ".peregrine", "readme.sh");
    // One shell, as the user's: a line sees what earlier ones exported. Each tells its exit code.
    writeFileSync(
      script,
      wanted.map((line, index) => `${line}\ncode=$?; echo "<${index}: $code>"; [ $code = 0 ] || exit 1\n`).join(""),
    );

    const { code, output } = await project.run("bash", script);
    assert.equal(code, 0, `${wanted[output.match(/<\d+: 0>/g)?.length ?? 0]} fails:\n${output}`);
    assert.deepEqual(
      output.match(/<\d+: \d+>/g),
      wanted.map((_, index) => `<${index}: 0>`),
    );
    assert.match(output, /Resources:\s+\+ \d{2,} created/);
    assert.match(output, /"PipelineName": "peregrine-dev-training"/);
    assert.equal(await project.changes(), "");
  });
});
