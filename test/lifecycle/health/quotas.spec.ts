import assert from "node:assert/strict";
import type { DoctorSettings } from "../../../automation/doctor/settings";
import { endpointNeeds, jobNeeds, judgeQuotas } from "../../../lifecycle/health/quotas";

const settings: DoctorSettings = {
  allowedAccountIds: [],
  logRetentionDays: 30,
  datasetBucket: "data",
  datasetPrefix: "flights/",
  imageTag: "1",
  trainingInstanceType: "ml.g6.2xlarge",
  processingInstanceType: "ml.m5.xlarge",
  trainingSpot: false,
  servingInstanceType: "ml.g6.xlarge",
  servingMinInstances: 2,
  servingMaxInstances: 6,
  networkMode: "default-vpc",
  networkZones: ["a", "b"],
  requireMfa: false,
  people: [],
};
const session = { region: "eu-central-1", profile: "ab" };
const quotas = (values: Readonly<Record<string, number>>) =>
  new Map(Object.entries(values).map(([name, value], index) => [name, { code: `L-${index}`, value }]));

describe("quotas that the settings need", () => {
  it("are those of the endpoint with both fleets of an update, and of all endpoints", () => {
    assert.deepEqual(
      endpointNeeds(settings).map(({ quota, min, wanted }) => [quota, min, wanted]),
      [
        ["ml.g6.xlarge for endpoint usage", 4, 12],
        ["Number of instances across active endpoints", 4, 12],
      ],
    );
  });

  it("are those of training, on spot or not, and of its jobs, each type once", () => {
    assert.deepEqual(
      jobNeeds(settings).map(({ quota }) => quota),
      [
        "ml.g6.2xlarge for training job usage",
        "ml.m5.xlarge for processing job usage",
        "ml.g6.2xlarge for processing job usage",
      ],
    );
    assert.deepEqual(
      jobNeeds({ ...settings, trainingSpot: true, processingInstanceType: "ml.g6.2xlarge" }).map(({ quota }) => quota),
      ["ml.g6.2xlarge for spot training job usage", "ml.g6.2xlarge for processing job usage"],
    );
  });

  it("are a failure below the min, a warning below full load, and come with the command that asks for more", () => {
    const judge = (value: number) =>
      judgeQuotas(
        endpointNeeds(settings),
        quotas({ "ml.g6.xlarge for endpoint usage": value, "Number of instances across active endpoints": 20 }),
        session,
        true,
      );
    assert.deepEqual(
      [judge(3), judge(4), judge(11), judge(12)].map(({ level }) => level),
      ["failed", "warning", "warning", "ok"],
    );
    assert.equal(
      judge(0).text,
      '"ml.g6.xlarge for endpoint usage" is 0: an update runs the old and the new fleet side by side: 4 instances, 12 under full load',
    );
    assert.match(
      judge(0).cure,
      /: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-0 --desired-value 12 --region eu-central-1 --profile ab$/,
    );
  });

  it("are only warned of where nothing hangs on them, and where nobody knows them", () => {
    assert.equal(
      judgeQuotas(jobNeeds(settings), quotas({ "ml.g6.2xlarge for training job usage": 0 }), session, false).level,
      "warning",
    );
    assert.match(
      judgeQuotas(jobNeeds(settings), quotas({}), session, true).text,
      /knows no "ml\.g6\.2xlarge for training job usage"/,
    );
  });
});
