import { awsSource, detailType } from "../../../contract/events";
import { imageRepository } from "../../../contract/names";
import { Rules } from "../../../aws/eventbridge";
import { SageMaker } from "../../../aws/sagemaker";
import { Experiments } from "../../../aws/sagemaker-experiments";
import { Queues } from "../../../aws/sqs";
import { type Bench, queueForRules } from "../bench";
import { type Finding, held, refuted } from "../answer";
import type { Experiment } from "../experiment";

interface PackageEvent {
  readonly detail: { readonly ModelApprovalStatus?: string; readonly UpdatedModelPackageFields?: readonly string[] };
}

const approval = "ModelApprovalStatus";

/** What the event of an approval says, and what those of later edits do. */
export const approvalEvent: Experiment = {
  name: "approval-event",
  question:
    "Does the event of a model package name the fields that an update changed: of an approval by API, and of other edits of an approved package?",
  believed:
    "The event of an approval has ModelApprovalStatus in UpdatedModelPackageFields; those of an edited description and of edited metadata come as well, and have not.",
  minutes: 15,
  costs: [{ key: "sqs.request", units: 400 }],
  async ask(bench) {
    const { url } = await listen(bench);
    const experiments = new Experiments(bench.session);
    const group = bench.name("group");
    await experiments.createGroup(group, bench.tags);
    // Any image: nothing is run.
    const image = `${bench.accountId}.dkr.ecr.${bench.session.region}.amazonaws.com/${imageRepository}:probe`;
    const arn = await experiments.register(group, image);
    bench.step("approves the package by API");
    await new SageMaker(bench.session).setApproval(arn, "Approved", "a question about events");
    const approved = await fieldsOf(bench, url, (fields) => fields.includes(approval));
    bench.step("edits its description, and nothing else");
    await experiments.edit(arn, { description: "a note" });
    const described = await fieldsOf(bench, url, (fields) => !fields.includes(approval));
    bench.step("edits its metadata, and nothing else");
    await experiments.edit(arn, { metadata: { note: "a question about events" } });
    const noted = await fieldsOf(
      bench,
      url,
      (fields) => !fields.includes(approval) && fields.join() !== described.found?.join(),
    );
    return judge([
      ["approval", approved],
      ["description alone", described],
      ["metadata alone", noted],
    ]);
  },
};

/** What came until an event fitted: its fields, and those of all others. */
interface Seen {
  readonly found: readonly string[] | undefined;
  readonly others: readonly (readonly string[])[];
}

function judge(halves: readonly (readonly [what: string, seen: Seen])[]): Finding {
  const words = halves
    .map(
      ([what, { found, others }]) =>
        `${what}: ${found ? JSON.stringify(found) : `no such event within 4 minutes${others.length > 0 ? `, only ${others.map((one) => JSON.stringify(one)).join(", ")}` : ""}`}`,
    )
    .join("; ");
  return halves.every(([, { found }]) => found) ? held(words) : refuted(words);
}

/** A queue with every event of the group. */
async function listen(bench: Bench): Promise<{ readonly url: string }> {
  const queue = await new Queues(bench.session).create(bench.name("events"), bench.tags, (arn) =>
    queueForRules(arn, bench.arn("events", `rule/${bench.name("packages")}`)),
  );
  bench.step("makes a rule that copies the group's events into a queue");
  const pattern = {
    source: [awsSource.sagemaker],
    "detail-type": [detailType.modelPackage],
    detail: { ModelPackageGroupName: [bench.name("group")] },
  };
  await new Rules(bench.session).create(bench.name("packages"), pattern, { Arn: queue.arn }, bench.tags);
  return queue;
}

/**
 * Fields of the first event of the approved package that fits. Events may come twice, and late: the one of the approval
 * is told again meanwhile.
 */
async function fieldsOf(bench: Bench, url: string, fits: (fields: readonly string[]) => boolean): Promise<Seen> {
  const queues = new Queues(bench.session);
  const others: (readonly string[])[] = [];
  const found = await bench.until(4, async () => {
    const events = (await queues.take(url))
      .map(({ body }) => JSON.parse(body) as PackageEvent)
      .filter(({ detail }) => detail.ModelApprovalStatus === "Approved");
    const fields = events.map(({ detail }) => detail.UpdatedModelPackageFields ?? []);
    const one = fields.find(fits);
    others.push(...fields.filter((each) => each !== one));
    return one;
  });
  return { found, others };
}
