import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { environments } from "../../contract/environments";
import { project } from "../../contract/names";
import { stackOutputs } from "../../contract/outputs";
import { prefixes } from "../../contract/places";

const root = join(__dirname, "..", "..");

/**
 * Folders that learn agreed facts from `contract/`; the stand-in for AWS, which is nothing of ours, and tests may spell
 * them.
 */
const folders = [
  "infra",
  "policies",
  "lifecycle",
  "pricing",
  "functions",
  "automation",
  "records",
  "insight",
  "scripts",
];

/** Literals that look like an agreed fact and are none, with the reason. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  "names of experiments in an account, which are no environment's": [
    "peregrine-probe",
    "peregrine-probe-",
    "/peregrine-probe/",
  ],
  "what the role matrix says of itself in its requests": ["peregrine-asks"],
  "temporary folders": ["peregrine-variant-"],
  "report formats of a command": ["peregrine-check/"],
  "operations of MLflow's interface": ["runs/create", "runs/log-batch", "runs/update"],
  "the local cloud's own addresses": ["/_peregrine/status", "/_peregrine/rights", "/_peregrine/faults"],
};
const excepted = new Set(Object.values(exceptions).flat());

/** What is wrong with one piece of literal text. @param after a `${...}`, of which nothing is known. */
function factIn(text: string, after: boolean): string | undefined {
  if (excepted.has(text)) return undefined;
  if (new RegExp(`(^|[^\\w.])${project}(-[a-z]|-$|/)`).test(text) && !/\s/.test(text)) return "a name of the platform";
  const start = after ? text.replace(/^\//, "") : text;
  if (after && start === text) return undefined;
  if (Object.values<string>(prefixes).some((prefix) => start.startsWith(prefix)) && !/\s/.test(text))
    return "a prefix of the artifacts bucket";
  return undefined;
}

/** Agreed facts that a source spells, as `line: what`. */
function factsSpelled(source: string): string[] {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const tell = (node: ts.Node, what: string) =>
    found.push(
      `${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}: ${node.getText().slice(0, 100)}`,
    );
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isArrayLiteralExpression(node)) {
      const texts = node.elements.filter(ts.isStringLiteral).map(({ text }) => text);
      if (environments.every((name) => texts.includes(name))) tell(node, "the list of environments");
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
      const what = factIn(node.text, false);
      if (what && !isPath(node)) tell(node, what);
    }
    if (ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) {
      const what = factIn(node.text, true);
      if (what) tell(node, what);
    }
    if (ts.isElementAccessExpression(node) && /\boutputs(\(\)\))?$/.test(node.expression.getText())) {
      const { argumentExpression: name } = node;
      if (ts.isStringLiteral(name) && name.text in stackOutputs.shape) tell(node, "an output of the stack");
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Whether a literal is the path of a file. */
function isPath(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^(require|import|join)\b/.test(node.parent.expression.getText());
}

describe("facts that parts agree on", () => {
  it("are written in contract/ alone", () => {
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", ...folders], {
      cwd: root,
      encoding: "utf8",
    })
      .split("\n")
      .filter((file) => file.endsWith(".ts"));
    assert.ok(files.length > 300, "the sources are there");
    const spelled = files.flatMap((file) =>
      factsSpelled(readFileSync(join(root, file), "utf8")).map((line) => `${file}:${line}`),
    );
    assert.deepEqual(spelled, []);
  });

  it("are found when somebody spells one", () => {
    const planted: Readonly<Record<string, RegExp>> = {
      'const all = ["prod", "dev", "staging"] as const;': /the list of environments/,
      "const bucket = `peregrine-${environment}-artifacts`;": /a name of the platform/,
      "const role = `arn:aws:iam::${account}:role/peregrine/dev/x`;": /a name of the platform/,
      'store.get({ bucket, key: "releases/lock.json" });': /a prefix of the artifacts bucket/,
      "const uri = `s3://${bucket}/runs/${run}`;": /a prefix of the artifacts bucket/,
      'const project = outputs["releaseProject"];': /an output of the stack/,
    };
    for (const [source, what] of Object.entries(planted)) assert.match(factsSpelled(source).join("\n"), what, source);
    assert.deepEqual(factsSpelled('import { run } from "../runs/run"; const help = "npx peregrine status";'), []);
  });
});
