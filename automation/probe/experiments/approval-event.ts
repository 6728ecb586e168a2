import { Rules } from "../../../aws/eventbridge";
import { SageMaker } from "../../../aws/sagemaker";
import { Experiments } from "../../../aws/sagemaker-experiments";
import { Queues } from "../../../aws/sqs";
import { type Bench, queueForRules } from "../bench";
import { type Experiment, held, refuted } from "../experiment";

interface PackageEvent {
  readonly detail: { readonly ModelApprovalStatus?: string; readonly UpdatedModelPackageFields?: readonly string[] };
}

/** What the event of an approval says, and that of a later note. */
export const approvalEvent: Experiment = {
  name: "approval-event",
  question: "Does the event of a model package name the fields that an update changed, also for an approval by API?",
  believed: "The event of an approval has ModelApprovalStatus in UpdatedModelPackageFields; that of another edit of an approved package has not.",
  minutes: 10,
  costs: [{ key: "sqs.request", units: 200 }],
  async ask(bench) {
    const { url } = await listen(bench);
    const experiments = new Experiments(bench.session);
    const sagemaker = new SageMaker(bench.session);
    const group = bench.name("group");
    await experiments.createGroup(group, bench.tags);
    // Any image: nothing is run.
    const image = `${bench.accountId}.dkr.ecr.${bench.session.region}.amazonaws.com/peregrine-ml:probe`;
    const arn = await experiments.register(group, image);
    bench.step("approves the package by API");
    await sagemaker.setApproval(arn, "Approved", "a question about events");
    const approval = await eventOf(bench, url, ({ detail }) => detail.ModelApprovalStatus === "Approved");
    if (!approval) return refuted("no event of the approval came within 4 minutes");
    bench.step("writes another description");
    await sagemaker.setApproval(arn, "Approved", "a note");
    const note = await eventOf(bench, url, ({ detail }) => !detail.UpdatedModelPackageFields?.includes("ModelApprovalStatus"));
    const fields = JSON.stringify(approval.detail.UpdatedModelPackageFields);
    if (!approval.detail.UpdatedModelPackageFields?.includes("ModelApprovalStatus")) return refuted(`the approval's event has UpdatedModelPackageFields ${fields}`);
    return held(`approval: ${fields}; the same status with another description: ${note ? JSON.stringify(note.detail.UpdatedModelPackageFields) : "no event without ModelApprovalStatus within 4 minutes"}`);
  },
};

/** A queue with every event of the group. */
async function listen(bench: Bench): Promise<{ readonly url: string }> {
  const queue = await new Queues(bench.session).create(bench.name("events"), bench.tags, (arn) => queueForRules(arn, bench.arn("events", `rule/${bench.name("packages")}`)));
  bench.step("makes a rule that copies the group's events into a queue");
  const pattern = { source: ["aws.sagemaker"], "detail-type": ["SageMaker Model Package State Change"], detail: { ModelPackageGroupName: [bench.name("group")] } };
  await new Rules(bench.session).create(bench.name("packages"), pattern, { Arn: queue.arn }, bench.tags);
  return queue;
}

function eventOf(bench: Bench, url: string, fits: (event: PackageEvent) => boolean): Promise<PackageEvent | undefined> {
  const queues = new Queues(bench.session);
  return bench.until(4, async () => (await queues.receive(url)).map((body) => JSON.parse(body) as PackageEvent).find(fits));
}
