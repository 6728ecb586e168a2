import { type Direction, type LineageGraph, type LineageNode, together, type Walked } from "./graph";

/** The four questions that auditors ask of models (OpenLineage #4035). */
export const questions = {
  "made-by": "What data, code and parameters made this?",
  "changed-between": "What changed between two versions, and their quality with it?",
  "raw-to-deployed": "From raw data to what is deployed.",
  prediction: "What did this prediction?",
} as const;
export type Question = keyof typeof questions;

/** A part of an answer: a heading, what it says, and where that was read. */
export interface AnswerPart {
  readonly heading: string;
  readonly lines: readonly { readonly text: string; readonly evidence: readonly string[] }[];
}

export interface LineageAnswer {
  readonly question: string;
  readonly about: readonly string[];
  readonly parts: readonly AnswerPart[];
  readonly walked: Walked;
}

/** Images that are named one by one; of more their number is said. */
const maxNamed = 20;

/** What data, code and parameters made something, from a walk upwards. */
export function madeBy(graph: LineageGraph, about: readonly LineageNode[]): LineageAnswer {
  const walked = graph.walk(ids(about), "up");
  return {
    question: questions["made-by"],
    about: titles(about),
    walked,
    parts: [
      part("Data", walked, "dataset", "image", "label"),
      part("Code", walked, "container", "commit"),
      {
        heading: "Parameters",
        lines: ofKind(walked, "execution", "archive").flatMap((node) => factLines(walked, node, /^parameter /)),
      },
      part("Made by", walked, "execution", "run", "archive", "package"),
    ],
  };
}

/**
 * From raw data to what is deployed, through something: the whole way in the order in which it went.
 * @param directions only what went into it, or only what became of it.
 */
export function rawToDeployed(
  graph: LineageGraph,
  about: readonly LineageNode[],
  directions: readonly Direction[] = ["up", "down"],
): LineageAnswer {
  const walked = together(...directions.map((direction) => graph.walk(ids(about), direction)));
  return {
    question: questions["raw-to-deployed"],
    about: titles(about),
    walked,
    parts: [
      part("Raw data", walked, "image", "label"),
      part("Data set", walked, "dataset"),
      part("Training", walked, "container", "execution", "run"),
      part("Model", walked, "archive", "package"),
      part("Releases", walked, "commit", "release"),
      part("Deployed", walked, "endpoint"),
      part("Answers", walked, "prediction"),
    ],
  };
}

/** What a prediction was, which model gave it, and what people said of it. */
export function predictionAnswer(graph: LineageGraph, about: readonly LineageNode[]): LineageAnswer {
  const walked = together(graph.walk(ids(about), "up"), graph.walk(ids(about), "down"));
  const own = about.flatMap((node) => factLines(walked, { ...node, distance: 0 }, /./));
  const below = new Set(graph.walk(ids(about), "down").nodes.map(({ id }) => id));
  const sent = (node: LineageNode) => node.id.startsWith("sent:");
  const up = { ...walked, nodes: walked.nodes.filter((node) => !below.has(node.id)) };
  const down = { ...walked, nodes: walked.nodes.filter((node) => below.has(node.id)) };
  return {
    question: questions.prediction,
    about: titles(about),
    walked,
    parts: [
      { heading: "The answer", lines: own },
      part("The image", { ...up, nodes: up.nodes.filter(sent) }, "image"),
      part("What people said of it", down, "label"),
      part("The model that answered", up, "release", "package", "archive", "run", "execution"),
      part("Its training data", { ...up, nodes: up.nodes.filter((node) => !sent(node)) }, "dataset", "image", "label"),
      part("Its code", up, "container", "commit"),
    ],
  };
}

/**
 * What differs between two versions: quality first, then whatever could be why. That one thing changed and quality, too,
 * is no proof that the one did the other, and none is claimed.
 */
export function changedBetween(graph: LineageGraph, before: LineageNode, after: LineageNode): LineageAnswer {
  const [old, now] = [graph.walk([before.id], "up"), graph.walk([after.id], "up")];
  const facts = (walked: Walked, kinds: readonly LineageNode["kind"][], pattern: RegExp) => {
    const found = new Map<string, string>();
    for (const node of ofKind(walked, ...kinds))
      for (const [name, value] of Object.entries(node.facts))
        if (pattern.test(name) && !found.has(name)) found.set(name, value);
    return found;
  };
  const differing = (heading: string, kinds: readonly LineageNode["kind"][], pattern: RegExp): AnswerPart => {
    const [first, second] = [facts(old, kinds, pattern), facts(now, kinds, pattern)];
    const names = [...new Set([...first.keys(), ...second.keys()])].sort();
    const lines = names
      .filter((name) => first.get(name) !== second.get(name))
      .map((name) => ({
        text: `${name}: ${first.get(name) ?? "not known"} -> ${second.get(name) ?? "not known"}`,
        evidence: [...new Set([...evidenceOf(old, kinds), ...evidenceOf(now, kinds)])].slice(0, 4),
      }));
    return { heading, lines: lines.length > 0 ? lines : [{ text: "no difference is known", evidence: [] }] };
  };
  return {
    question: questions["changed-between"],
    about: [before.title, after.title],
    walked: together(old, now),
    parts: [
      differing("Quality", ["package"], /^(mAP|latency|gain|champion|model size)/),
      dataDifference(old, now),
      differing("Data set", ["dataset"], /^(split|option|classes)/),
      differing("Parameters", ["execution", "archive"], /^parameter /),
      differing("Code and libraries", ["archive"], /^library |architecture|base weights/),
      sets("Container and commit", old, now, "container", "commit"),
    ],
  };
}

/** Images and annotations that came, went, or became others under the same name. */
function dataDifference(old: Walked, now: Walked): AnswerPart {
  const byTitle = (walked: Walked) =>
    new Map(
      ofKind(walked, "image", "label").flatMap((node) => (node.facts["sha256"] ? [[node.title, node] as const] : [])),
    );
  const [first, second] = [byTitle(old), byTitle(now)];
  const added = [...second.values()].filter(({ title }) => !first.has(title));
  const gone = [...first.values()].filter(({ title }) => !second.has(title));
  const changed = [...second.values()].filter(({ title, facts }) => {
    const before = first.get(title);
    return before !== undefined && before.facts["sha256"] !== facts["sha256"];
  });
  const said = (what: string, nodes: readonly LineageNode[]) =>
    nodes.length === 0
      ? []
      : [
          {
            text: `${nodes.length} ${what}: ${named(nodes)}`,
            evidence: [
              ...new Set(
                nodes.slice(0, maxNamed).flatMap(({ id }) => [...evidenceAt(old, id), ...evidenceAt(now, id)]),
              ),
            ].slice(0, 4),
          },
        ];
  const lines = [...said("came", added), ...said("went", gone), ...said("are others under the same name", changed)];
  const known = first.size > 0 && second.size > 0;
  return {
    heading: "Images and annotations",
    lines:
      lines.length > 0
        ? lines
        : [{ text: known ? `the same ${second.size} files` : "not known of both", evidence: [] }],
  };
}

function sets(heading: string, old: Walked, now: Walked, ...kinds: readonly LineageNode["kind"][]): AnswerPart {
  const lines = kinds.flatMap((kind) => {
    const [first, second] = [ofKind(old, kind), ofKind(now, kind)].map((nodes) => nodes.map(({ id }) => id).sort());
    return JSON.stringify(first) === JSON.stringify(second)
      ? []
      : [
          {
            text: `${kind}: ${first!.join(", ") || "not known"} -> ${second!.join(", ") || "not known"}`,
            evidence: [...evidenceOf(old, [kind]), ...evidenceOf(now, [kind])].slice(0, 4),
          },
        ];
  });
  return { heading, lines: lines.length > 0 ? lines : [{ text: "no difference is known", evidence: [] }] };
}

function part(heading: string, walked: Walked, ...kinds: readonly LineageNode["kind"][]): AnswerPart {
  const lines = kinds.flatMap((kind) => {
    const nodes = ofKind(walked, kind);
    const many = nodes.length > maxNamed;
    const shown = many ? [] : nodes.map((node) => ({ text: textOf(node), evidence: evidenceAt(walked, node.id) }));
    return many
      ? [{ text: `${nodes.length} ${kind}s: ${named(nodes)}`, evidence: evidenceAt(walked, nodes[0]!.id) }]
      : shown;
  });
  return { heading, lines: lines.length > 0 ? lines : [{ text: "nothing is known", evidence: [] }] };
}

function factLines(walked: Walked, node: Walked["nodes"][number], pattern: RegExp): AnswerPart["lines"] {
  return Object.entries(node.facts)
    .filter(([name]) => pattern.test(name))
    .map(([name, value]) => ({
      text: `${name.replace(/^parameter /, "")}: ${value}`,
      evidence: evidenceAt(walked, node.id),
    }));
}

function textOf(node: LineageNode): string {
  const told = Object.entries(node.facts).filter(([name]) => !/^(parameter|library|job|option) /.test(name));
  return `${node.kind} ${node.title}${told.length > 0 ? ` (${told.map(([name, value]) => `${name} ${value}`).join("; ")})` : ""}`;
}

const ids = (nodes: readonly LineageNode[]) => nodes.map(({ id }) => id);
const titles = (nodes: readonly LineageNode[]) => nodes.map(({ title }) => title);
const ofKind = ({ nodes }: Walked, ...kinds: readonly LineageNode["kind"][]) =>
  nodes.filter(({ kind }) => kinds.includes(kind));
const named = (nodes: readonly LineageNode[]) =>
  `${nodes
    .slice(0, maxNamed)
    .map(({ title }) => title)
    .join(", ")}${nodes.length > maxNamed ? " and others" : ""}`;

const indexed = new WeakMap<Walked, Map<string, string[]>>();

/** Evidence of the ties of a node; indexed once a walk, which may have 100,000 of them. */
function evidenceAt(walked: Walked, id: string): string[] {
  let index = indexed.get(walked);
  if (!index) {
    index = new Map();
    for (const { from, to, evidence } of walked.edges)
      for (const end of [from, to]) {
        const list = index.get(end);
        if (list) list.push(evidence);
        else index.set(end, [evidence]);
      }
    indexed.set(walked, index);
  }
  return [...new Set(index.get(id) ?? [])].slice(0, 3);
}

function evidenceOf(walked: Walked, kinds: readonly LineageNode["kind"][]): string[] {
  return ofKind(walked, ...kinds)
    .slice(0, maxNamed)
    .flatMap(({ id }) => evidenceAt(walked, id));
}
