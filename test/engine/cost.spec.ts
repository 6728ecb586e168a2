import assert from "node:assert/strict";
import { ProjectCopy } from "./project-copy";

interface Shown {
  readonly monthlyUsd: number;
  readonly wasUsd?: number;
  readonly resources: readonly {
    readonly urn: string;
    readonly type: string;
    readonly monthlyUsd: number;
    readonly assumption: string;
  }[];
  readonly changes?: readonly {
    readonly urn: string;
    readonly change: string;
    readonly wasUsd: number;
    readonly willBeUsd: number;
  }[];
}

/** The price of a plan from a real preview: unknown values, an empty state, a change, and the state itself. */
describe("the price of a plan, as a user asks for it", function () {
  this.slow(60_000);
  let project: ProjectCopy;
  let first: Shown;

  const cost = (...args: string[]) => project.peregrine("cost", "plan", "--stack", "staging", ...args);
  const json = async (...args: string[]): Promise<Shown> => {
    const finished = await cost("--json", ...args);
    assert.equal(finished.code, 0, finished.output);
    return JSON.parse(finished.stdout) as Shown;
  };
  const settings = "Pulumi.staging.yaml";

  before(async () => {
    project = await ProjectCopy.make();
    await project.startCloud("--speed", "60", "--lags", "on");
  });
  after(async () => {
    await project?.remove();
  });

  it("has a price before anything exists, although the pipeline's definition is not known yet", async () => {
    first = await json();
    assert.equal(first.wasUsd, 0);
    assert(first.monthlyUsd > 5);
    assert(
      first.resources.some(
        ({ type, assumption }) => type === "aws:sagemaker/pipeline:Pipeline" && /by the settings/.test(assumption),
      ),
    );
    assert(first.changes!.every(({ change, wasUsd }) => change === "created" && wasUsd === 0));
  });

  it("is afterwards what it was planned to be, in the state as in a plan that changes nothing", async () => {
    // The stack is there since the first plan.
    const up = await project.up("staging");
    assert.equal(up.code, 0, up.output);
    const [state, plan] = [await json("--state"), await json()];
    assert.deepEqual(
      [state.monthlyUsd, plan.monthlyUsd, plan.wasUsd, plan.changes],
      [first.monthlyUsd, first.monthlyUsd, first.monthlyUsd, []],
    );
    assert(
      state.resources.some(
        ({ type, assumption }) => type === "aws:sagemaker/pipeline:Pipeline" && /TrainDetector/.test(assumption),
      ),
    );
  });

  it("says what a change costs, resource by resource, under other assumptions too", () =>
    project.with(
      settings,
      (text) => `${text}  peregrine:trainingSpot: false\n`,
      async () => {
        const plan = await json();
        assert.deepEqual(
          plan.changes!.map(({ urn, change }) => [urn.split("::").at(-1), change]),
          [["peregrine-staging-training-pipeline", "changed"]],
        );
        // Four trainings of three hours on ml.g5.xlarge at 1.76, at 100 % instead of 40 %.
        // Both sums are rounded to cents.
        assert(
          Math.abs(plan.monthlyUsd - plan.wasUsd! - 4 * 3 * 1.76 * 0.6) < 0.011,
          `${plan.monthlyUsd}, was ${plan.wasUsd}`,
        );
        const { stdout } = await cost("--assume", "trainingRunsPerMonth=40");
        assert.match(stdout, /The plan changes it by \+126\.72: was/);
      },
    ));

  it("fails for an instance type without a price, naming the resource, the price and the way to add it", () =>
    project.with(
      settings,
      (text) => text.replace("trainingInstanceType: ml.g5.xlarge", "trainingInstanceType: ml.g5.8xlarge"),
      async () => {
        const { code, stdout, stderr } = await cost("--json");
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(
          stderr,
          /staging has no price: 1 of its resources has none\.\n {2}- aws:sagemaker\/pipeline:Pipeline peregrine-staging-training-pipeline: there is no price sagemaker\.(training|processing)\.ml\.g5\.8xlarge for eu-central-1\. Add it to .*npm run prices/,
        );
      },
    ));

  it("refuses assumptions that mean nothing before it opens a stack", async () => {
    assert.equal((await cost("--assume", "requestsPerMonth=many")).code, 2);
    const { code, stderr } = await cost("--assume", "visitors=3");
    assert.equal(code, 1);
    assert.match(stderr, /visitors: there is no such assumption/);
  });
});
