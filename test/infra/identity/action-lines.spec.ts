import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "..", "..", "..");
const action = /^[a-z][a-z0-9-]*:[A-Z*][A-Za-z*]*$/;

/**
 * What a reviewer could overlook in a diff: rights that share a line, that stand at an unexpected place, or whose names
 * are put together.
 */
function problemsIn(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const problems: string[] = [];
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const report = (node: ts.Node, what: string): void => void problems.push(`${file}:${lineOf(node)} ${what}`);

  const commentBefore = (node: ts.Node): boolean => ts.getLeadingCommentRanges(text, node.getFullStart()) !== undefined;

  const checkList = ({ elements }: ts.ArrayLiteralExpression): void => {
    const actions = elements.filter((one): one is ts.StringLiteral => ts.isStringLiteral(one) && action.test(one.text));
    if (actions.length < 2) return;
    if (new Set(actions.map(lineOf)).size < actions.length) report(actions[0]!, "several actions share a line");
    let before: string | undefined;
    for (const one of elements) {
      const text = ts.isStringLiteral(one) ? one.text : undefined;
      const begins = commentBefore(one);
      if (text !== undefined && before === undefined && !begins) report(one, `${text} begins a group without a reason`);
      if (text !== undefined && before !== undefined && !begins && text <= before)
        report(one, `${text} stands behind ${before}`);
      before = text;
    }
  };

  /** Names that are put together can be found by nobody who searches for them; a whole service has none. */
  const checkWritten = (node: ts.Node): void => {
    const walk = (one: ts.Node): void => {
      if (ts.isTemplateExpression(one) && !one.getText().endsWith(":*`"))
        report(one, "an action's name is put together");
      ts.forEachChild(one, walk);
    };
    walk(node);
  };

  const visit = (node: ts.Node): void => {
    if (ts.isArrayLiteralExpression(node)) checkList(node);
    if (ts.isCallExpression(node) && /^(allow|deny)$/.test(node.expression.getText()) && node.arguments[1])
      checkWritten(node.arguments[1]);
    if (ts.isPropertyAssignment(node) && node.name.getText() === "Action") checkWritten(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

describe("actions in the sources", () => {
  it("stand one a line, sorted, with the reason beside the group", () => {
    const files = sourcesBelow("infra");
    assert.ok(files.length > 40);
    assert.deepEqual(
      files.flatMap((file) => problemsIn(file, readFileSync(join(root, file), "utf8"))),
      [],
    );
  });

  const wrong: readonly [what: string, text: string, problem: RegExp][] = [
    ["actions that share a line", 'allow("S", [\n// Why.\n"s3:GetObject", "s3:PutObject",\n], ["*"])', /share a line/],
    [
      "an action at an unexpected place",
      'allow("S", [\n// Why.\n"s3:PutObject",\n"s3:GetObject",\n], ["*"])',
      /s3:GetObject stands behind s3:PutObject/,
    ],
    ["an action that is there twice", 'x = [\n// Why.\n"s3:GetObject",\n"s3:GetObject",\n]', /stands behind/],
    ["a group without a reason", 'x = [\n"s3:GetObject",\n"s3:PutObject",\n]', /without a reason/],
    [
      "a group behind other lists without a reason",
      'x = [\n...others,\n"s3:GetObject",\n"s3:PutObject",\n]',
      /without a reason/,
    ],
    ["names that are put together", 'deny("S", verbs.map((verb) => `s3:${verb}`), ["*"])', /put together/],
    ["names that are put together in an object", "x = { Action: [`s3:${verb}`] }", /put together/],
  ];
  for (const [what, text, problem] of wrong)
    it(`may not be ${what}`, () => assert.match(problemsIn("x.ts", text).join("\n"), problem));

  it("may be one beside its resources, and several groups", () => {
    assert.deepEqual(problemsIn("x.ts", 'allow("S", ["s3:GetObject"], [`${bucket}/*`])'), []);
    assert.deepEqual(
      problemsIn("x.ts", 'x = [\n// Reads.\n"s3:GetObject",\n"s3:ListBucket",\n// Writes.\n"s3:DeleteObject",\n]'),
      [],
    );
  });
});
