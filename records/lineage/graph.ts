/** What the lineage knows, by kind. */
export const nodeKinds = [
  "image",
  "label",
  "dataset",
  "container",
  "commit",
  "execution",
  "run",
  "archive",
  "package",
  "release",
  "endpoint",
  "prediction",
] as const;
export type NodeKind = (typeof nodeKinds)[number];

/** One thing. Its id is the name that it has everywhere: an ARN, an address in S3 with its version, a digest. */
export interface LineageNode {
  readonly id: string;
  readonly kind: NodeKind;
  /** For people. */
  readonly title: string;
  /** What is known of it, by name. */
  readonly facts: Readonly<Record<string, string>>;
}

/** One thing made another, or went into it. */
export interface LineageEdge {
  /** The earlier of both: the image of a dataset, the archive of a package. */
  readonly from: string;
  readonly to: string;
  readonly how: string;
  /** Where this was read: an API call with its answer's member, an object in S3 with its version, a ledger entry. */
  readonly evidence: string;
}

/** `up`: what something was made of. `down`: what became of it. */
export type Direction = "up" | "down";

/** A part of the graph, as a walk found it: nodes by their distance from where it began. */
export interface Walked {
  readonly nodes: readonly (LineageNode & { readonly distance: number })[];
  readonly edges: readonly LineageEdge[];
}

/**
 * What came from what. Made of many sources in any order; a node that several of them know has the facts of all. What
 * one says and another contradicts is kept as a problem, never chosen between.
 */
export class LineageGraph {
  private readonly byId = new Map<string, LineageNode>();
  private readonly ups = new Map<string, LineageEdge[]>();
  private readonly downs = new Map<string, LineageEdge[]>();
  private readonly known = new Set<string>();
  private readonly names = new Map<string, Set<string>>();
  private readonly found = new Set<string>();
  private readonly unread = new Set<string>();

  /** Adds a node, or what is new of one. @param names other names that it is found by. */
  node(node: LineageNode, ...names: readonly (string | undefined)[]): LineageNode {
    const before = this.byId.get(node.id);
    for (const [name, value] of Object.entries(node.facts))
      if (before?.facts[name] !== undefined && before.facts[name] !== value)
        this.problem(`${node.id}: ${name} is ${before.facts[name]} by one source and ${value} by another`);
    const merged = before ? { ...before, facts: { ...node.facts, ...before.facts } } : node;
    this.byId.set(node.id, merged);
    for (const name of [node.id, ...names])
      if (name) this.names.set(name, (this.names.get(name) ?? new Set()).add(node.id));
    return merged;
  }

  /** Ties two nodes; the same tie by the same evidence counts once. Nodes may come later. */
  edge(from: string, to: string, how: string, evidence: string): void {
    const key = [from, to, how, evidence].join("\n");
    if (this.known.has(key)) return;
    this.known.add(key);
    const edge = { from, to, how, evidence };
    push(this.ups, to, edge);
    push(this.downs, from, edge);
  }

  /** Something is not as it should be, such as a key that was written over. */
  problem(sentence: string): void {
    this.found.add(sentence);
  }

  /** A source that could not be read, so that something may be missing. */
  gap(sentence: string): void {
    this.unread.add(sentence);
  }

  get problems(): readonly string[] {
    return [...this.found].sort();
  }

  get gaps(): readonly string[] {
    return [...this.unread].sort();
  }

  get size(): { readonly nodes: number; readonly edges: number } {
    return { nodes: this.byId.size, edges: this.known.size };
  }

  get(id: string): LineageNode | undefined {
    return this.byId.get(id);
  }

  /** What has exactly this name. */
  named(name: string): LineageNode[] {
    return [...(this.names.get(name) ?? [])].map((id) => this.byId.get(id)!);
  }

  /** What a name means: exactly, or as the beginning of digests and ids (at least 7 characters). */
  find(name: string): LineageNode[] {
    const exact = this.named(name);
    if (exact.length > 0 || name.length < 7) return exact;
    const ids = [...this.names].filter(([one]) => one.startsWith(name)).flatMap(([, some]) => [...some]);
    return [...new Set(ids)].map((id) => this.byId.get(id)!);
  }

  /** Neighbours with the edges that lead there. */
  next(id: string, direction: Direction): { readonly node: LineageNode; readonly edge: LineageEdge }[] {
    const edges = (direction === "up" ? this.ups : this.downs).get(id) ?? [];
    return edges.flatMap((edge) => {
      const node = this.byId.get(direction === "up" ? edge.from : edge.to);
      return node ? [{ node, edge }] : [];
    });
  }

  /** Everything that some things were made of, or that became of them, nearest first. */
  walk(starts: readonly string[], direction: Direction): Walked {
    const nodes = starts.flatMap((id) => {
      const node = this.byId.get(id);
      return node ? [{ ...node, distance: 0 }] : [];
    });
    const edges: LineageEdge[] = [];
    const seen = new Set(starts);
    // The list grows while it is walked.
    for (const { id, distance } of nodes)
      for (const { node, edge } of this.next(id, direction)) {
        edges.push(edge);
        if (seen.has(node.id)) continue;
        seen.add(node.id);
        nodes.push({ ...node, distance: distance + 1 });
      }
    return { nodes, edges };
  }
}

/** Two walks as one, such as up and down from the same node. */
export function together(...walks: readonly Walked[]): Walked {
  const nodes = new Map<string, Walked["nodes"][number]>();
  for (const { nodes: some } of walks) for (const node of some) if (!nodes.has(node.id)) nodes.set(node.id, node);
  return { nodes: [...nodes.values()], edges: [...new Set(walks.flatMap(({ edges }) => edges))] };
}

function push<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
