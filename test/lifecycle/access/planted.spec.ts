import assert from "node:assert/strict";
import { edgeKinds } from "../../../lifecycle/access/edges";
import { forbiddenGoals } from "../../../lifecycle/access/forbidden-goals";
import { type Breach, breaches } from "../../../lifecycle/access/goal";
import { Search } from "../../../lifecycle/access/search";
import { actorsOf } from "../../../automation/roles/world/actors";
import { PolicyEvaluator } from "../../../scripts/policy-evaluator";
import { coveredEdges, planted } from "./planted";
import { type Hole, smallWorld } from "./small-world";

/** The breach of a goal by a role, and all edges that its actor takes. */
function found(hole: Hole, role: string, goal: string): { breach: Breach | undefined; edges: Set<string> } {
  const world = smallWorld(hole);
  const [name, environment] = role.includes("/") ? [role.split("/")[1]!, role.split("/")[0]!] : [role, "dev"];
  const actors = actorsOf(world).filter((actor) => actor.role === name && actor.environments.join() === environment);
  assert.equal(actors.length, 1, role);
  const search = new Search(world, new PolicyEvaluator());
  const [breach] = breaches(
    search,
    forbiddenGoals.filter((one) => one.name === goal),
    actors,
  );
  const reach = search.reach(actors[0]!.starts);
  return {
    breach,
    edges: new Set([...reach.values()].flatMap(({ fact }) => search.expand(fact, reach)).map(({ edge }) => edge)),
  };
}

/** Edge kinds of a chain, without how a person comes to their role. */
function edgesOf({ chain }: Breach): string[] {
  const edges = chain.map(({ edge }) => edge).filter((edge) => edge !== "start");
  return chain.length > 1 && chain[0]!.fact.kind === "as" && chain[0]!.fact.session.type === "user"
    ? edges.slice(1)
    : edges;
}

describe("the search of a small world", () => {
  it("finds nothing where everybody does their work", () => {
    const world = smallWorld();
    assert.deepEqual(
      breaches(new Search(world, new PolicyEvaluator()), forbiddenGoals, actorsOf(world)).map(
        ({ goal, actor }) => `${goal}: ${actor}`,
      ),
      [],
    );
  });

  it("is asked about at least 50 holes, two or more of each edge kind", () => {
    assert.ok(planted.length >= 50);
    const covered = coveredEdges();
    assert.deepEqual(
      edgeKinds.map(({ name }) => name).filter((name) => (covered.get(name) ?? 0) < 2),
      [],
    );
    assert.deepEqual(
      [...covered.keys()].filter((name) => !edgeKinds.some((kind) => kind.name === name)),
      [],
    );
  });

  planted.forEach(({ edge, role, goal, hole, chain }, at) => {
    it(`finds hole ${at + 1}, ${edge}: ${role} reaches ${goal}`, () => {
      const { breach, edges } = found(hole, role, goal);
      assert.ok(breach, "not found");
      assert.deepEqual(edgesOf(breach), chain);
      assert.ok(edges.has(edge), `${edge} is not among ${[...edges].join(", ")}`);
    });
  });
});
