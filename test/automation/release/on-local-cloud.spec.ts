import assert from "node:assert/strict";
import { hostname } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { ObjectStore } from "../../../aws/s3";
import type { AwsSession } from "../../../aws/session";
import { ParameterStore } from "../../../aws/ssm";
import { datasetCheck, imageCheck } from "../../../automation/doctor/data";
import { goldenImagesCheck } from "../../../automation/doctor/golden-images";
import { preflight } from "../../../automation/doctor/preflight";
import { doctorSettings } from "../../../automation/doctor/settings";
import { studioCheck, vpcCheck } from "../../../automation/doctor/quotas";
import { instanceTypesCheck, privateLinkCheck } from "../../../automation/doctor/zones";
import { EnvironmentLocked, NotReady } from "../../../automation/errors";
import { goldenImages, goldenSource } from "../../../automation/release/golden/set";
import { ledgerOf } from "../../../automation/release/history";
import { EnvironmentLock } from "../../../automation/release/lock";
import { lockKey } from "../../../contract/places";
import type { RolloutContext } from "../../../automation/release/rollout/context";
import { record } from "../../../automation/release/rollout/record";
import { teardown } from "../../../automation/teardown/teardown";
import type { Environment } from "../../../automation/stack/environment";
import type { StackOutputs } from "../../../contract/outputs";
import type { LocalCloud } from "../../../local/server";
import { judgeServices } from "../../../lifecycle/health/zones";
import { listReleases } from "../../../records/release";
import { enter, sdkConfig, startTestCloud } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { modelOf, releaseOf } from "./releases";

const account = "111122223333";
const bucket = `peregrine-prod-artifacts-${account}`;
const settings = {
  allowedAccountIds: [account],
  datasetBucket: "data-of-others",
  datasetPrefix: "flights/",
  imageTag: "0.1.0",
  trainingInstanceType: "ml.g6.2xlarge",
  processingInstanceType: "ml.m5.xlarge",
  trainingSpot: "false",
  servingInstanceType: "ml.g6.xlarge",
  servingMinInstances: "2",
  servingMaxInstances: "6",
  requireMfa: "false",
};
const versions = async () => ({ node: "22.0.0", pulumi: "3.248.0", wanted: { node: ">=20", pulumi: "3.248.0" } });
const outputs = {
  artifactsBucket: bucket,
  releaseParameter: "/peregrine/prod/release",
  ledgerHeadParameter: "/peregrine/prod/ledger-head",
  logHeadParameter: "/peregrine/prod/log-head",
  modelPackageGroup: "peregrine-prod-detector",
  endpointName: "peregrine-prod-detector",
} as unknown as StackOutputs;

/** An account in memory, and an environment of it whose engine is not asked. */
describe("automation on an account", () => {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let session: AwsSession;
  let store: ObjectStore;
  let leave: () => void;

  before(async () => {
    local = await startTestCloud({
      images: { "peregrine-ml": { entrypoint: ["true"] } },
      quotas: { "Number of instances across active endpoints": 20 },
    });
    leave = enter(local, join(folder, "aws"));
    session = { profile: "ab", region: local.cloud.region };
    store = new ObjectStore(session);
    const s3 = new S3Client(sdkConfig(local));
    for (const Bucket of [bucket, "data-of-others"])
      await s3.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
      );
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }));
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  it("does not begin an update in a wrong account, or without room for a second fleet; what is cured is seen by the next command", async () => {
    const examined = (changes: object = {}) => ({
      name: "prod" as const,
      session,
      settings: { ...settings, ...changes },
      versions,
    });
    await assert.rejects(preflight(examined({ allowedAccountIds: ["999999999999"] })), (error: Error) => {
      assert(error instanceof NotReady);
      assert.match(
        error.message,
        /AWS account: 111122223333 .*user\/ab: prod may be deployed to 999999999999 alone\n.*\n {2}- endpoint quotas: "ml\.g6\.xlarge for endpoint usage" is 0: .*\n.*--quota-code L-D470D954 --desired-value 12/,
      );
      return true;
    });
    await new ServiceQuotasClient(sdkConfig(local)).send(
      new RequestServiceQuotaIncreaseCommand({ ServiceCode: "sagemaker", QuotaCode: "L-D470D954", DesiredValue: 4 }),
    );
    await preflight(examined());
  });

  it("tests releases with images that no training saw, wherever the stack's settings say that they lie", async () => {
    const put = (key: string, body = "image") => store.put({ bucket: "data-of-others", key }, body);
    const source = (own: object) =>
      goldenSource(
        { name: "prod", settings: { ...settings, datasetPrefix: "surveys/2026/", ...own } },
        "data-of-others",
      );
    const keys = async (own = {}, count = 5) => (await goldenImages(session, source(own), count)).map(({ key }) => key);
    const labels = "<annotation><size><width>9</width><height>9</height></size></annotation>";
    await assert.rejects(
      keys(),
      /no JPEG or PNG image of s3:\/\/data-of-others\/surveys\/2026\/ is of a flight that is held out of training/,
    );
    assert.equal((await goldenImagesCheck(session, source({}))).level, "failed");
    for (const flight of ["a", "b", "c"])
      await Promise.all([put(`surveys/2026/${flight}/1.jpg`), put(`surveys/2026/${flight}/1.xml`, labels)]);
    await put(
      "surveys/2026/flights.csv",
      "file,flight,light,altitude,split\na/1.jpg,a,day,nominal,train\nb/1.jpg,b,day,nominal,test\nc/1.jpg,c,day,nominal,val\n",
    );
    assert.deepEqual(await keys(), ["surveys/2026/b/1.jpg"]);
    assert.deepEqual(await goldenImagesCheck(session, source({})), {
      level: "ok",
      text: "1 labelled images of flights held out of training",
      cure: "",
    });
    await put("surveys/2026/flights.csv", "file,flight,split\na/1.jpg,a,train\nb/1.jpg,b,train\nc/1.jpg,c,val\n");
    assert.match(
      (await goldenImagesCheck(session, source({}))).cure,
      /split `test` in flights\.csv, or name a prefix .*peregrine:goldenPrefix/,
    );
    await assert.rejects(
      keys({ goldenPrefix: "golden/" }),
      /s3:\/\/data-of-others\/golden\/ \(peregrine:goldenPrefix\) holds no JPEG or PNG image/,
    );
    await put("golden/x.png");
    assert.equal(
      (await goldenImagesCheck(session, source({ goldenPrefix: "golden/" }))).level,
      "warning",
      "an image without labels shows absurd answers alone",
    );
    assert.deepEqual(await keys({ goldenPrefix: "golden/" }), ["golden/x.png"]);
  });

  it("sees data, image and limits as they are", async () => {
    assert.match((await datasetCheck(session, "no-such-bucket-of-ours", "flights/")).text, /does not exist/);
    assert.match((await datasetCheck(session, "data-of-others", "flights/")).text, /holds nothing/);
    await store.put({ bucket: "data-of-others", key: "flights/a.jpg" }, "image");
    assert.equal((await datasetCheck(session, "data-of-others", "flights/")).level, "ok");
    const uri = `${account}.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0`;
    assert.match((await imageCheck(session, uri, "jobs")).text, /repository peregrine-ml does not exist/);
    await new ECRClient(sdkConfig(local)).send(new CreateRepositoryCommand({ repositoryName: "peregrine-ml" }));
    assert.equal((await imageCheck(session, uri, "jobs")).level, "ok");
    assert.equal((await imageCheck(session, "docker.io/library/x:1", "jobs")).level, "warning");
    assert.deepEqual(await vpcCheck(session, []), { level: "ok", text: "1 of 5 VPCs", cure: "" });
    const person = "aws:sagemaker/userProfile:UserProfile";
    assert.deepEqual(
      [(await studioCheck(session, [person])).level, (await studioCheck(session, [person, person])).level],
      ["ok", "warning"],
    );
  });

  it("knows where instance types and services of PrivateLink are, and where the settings' zones lack them", async () => {
    const zoned = doctorSettings({ ...settings, networkMode: "private", networkZones: "a,b" }, "prod");
    assert.equal(
      (await instanceTypesCheck(session, doctorSettings(settings, "prod"), "prod")).text,
      "SageMaker chooses the zones of its own network",
    );
    const types = await instanceTypesCheck(session, zoned, "prod");
    assert.deepEqual(
      [
        types.level,
        /^g6\.xlarge in eu-central-1a, eu-central-1b; .* \(by EC2; SageMaker does not tell\)$/.test(types.text),
      ],
      ["ok", true],
      types.text,
    );
    assert.match(
      (await instanceTypesCheck(session, { ...zoned, networkZones: ["a", "f"] }, "prod")).text,
      /g6\.xlarge is in eu-central-1a alone/,
    );
    assert.match(
      (await instanceTypesCheck(session, { ...zoned, servingInstanceType: "ml.p2.huge" }, "prod")).text,
      /p2\.huge is in none of eu-central-1a, eu-central-1b \(EC2 does not have it in this Region\)/,
    );
    const services = (...names: string[]) => privateLinkCheck(session, zoned, "prod", () => Promise.resolve(names));
    assert.deepEqual(await services("com.amazonaws.eu-central-1.logs", "aws.sagemaker.eu-central-1.mlflow"), {
      level: "ok",
      text: "2 services in eu-central-1a, eu-central-1b",
      cure: "",
    });
    assert.match(
      (await services("aws.sagemaker.eu-central-1.nothing")).text,
      /aws\.sagemaker\.eu-central-1\.nothing is no service of PrivateLink in this Region/,
    );
    assert.match(
      judgeServices(["a", "b"], new Map([["x", new Set(["a", "c"])]]), "prod").text,
      /x is not in b \(it is in a, c\)/,
    );
  });

  it("records what the policy pack said by itself, whatever a reason's words are, and notes the ledger's head", async () => {
    const target = {
      name: "prod",
      session,
      source: () => Promise.resolve({ commit: undefined, clean: false }),
      policyPackVersion: () => "1.0.0",
    } as unknown as Environment;
    const wanted = {
      kind: "promote",
      model: modelOf("a"),
      evidence: {},
      withInfrastructure: false,
      copyArchive: () => Promise.resolve(),
    } as const;
    const lock = { operation: { startedAt: "2026-01-01T00:00:00Z" } } as EnvironmentLock;
    const context: RolloutContext = {
      target,
      outputs,
      wanted,
      golden: [],
      by: `arn:aws:iam::${account}:user/ab`,
      lock,
      report: { stage: () => undefined },
    };
    await record(context, modelOf("a"), {
      outcome: "failed",
      reasons: ["the page says that something is blocked by policy"],
      policyPack: "passed",
    });
    await record(context, modelOf("b"), { outcome: "failed", reasons: ["no"], policyPack: "blocked" });
    const releases = await listReleases(ledgerOf(target, outputs), "prod");
    assert.deepEqual(
      releases.map(({ policyPack }) => policyPack.result),
      ["passed", "blocked"],
    );
    const { hash, sequence } = releases.at(-1)!.entry;
    assert.deepEqual(JSON.parse((await new ParameterStore(session).get(outputs.ledgerHeadParameter))!), {
      sequence,
      hash,
    });
    const location = { bucket, key: "ledger/ledger.jsonl" };
    const whole = (await store.get(location))!.toString();
    await store.put(location, `${whole.split("\n")[0]}\n`);
    await assert.rejects(
      listReleases(ledgerOf(target, outputs), "prod"),
      /the entries up to 2, noted as head, are missing at the end/,
    );
    await store.put(location, whole);
  });

  it("tears nothing down while somebody is at work, says who, and takes bucket, lock and notes when nobody is", async () => {
    let destroyed = 0;
    const environment = {
      name: "prod",
      session,
      invalidateState: () => undefined,
      exists: () => Promise.resolve(true),
      outputs: () => Promise.resolve(outputs),
      recover: () => Promise.resolve(),
      // The stack's own lock stands in once the bucket is empty.
      destroy: async () => (
        (destroyed += 1),
        assert.deepEqual(await store.list(bucket, ""), []),
        { changes: { delete: 3 } }
      ),
    } as unknown as Environment;
    const holder = await EnvironmentLock.take(store, bucket, "prod", `arn:aws:iam::${account}:user/ada`, {
      kind: "promote",
      release: releaseOf("a"),
      phase: "preparing",
      reasons: [],
      startedAt: "2026-01-01T00:00:00Z",
    });
    const told: string[] = [];
    const report = { stage: (_environment: string, what: string) => void told.push(what) };
    await assert.rejects(
      teardown(environment, report),
      (error: Error) =>
        error instanceof EnvironmentLocked &&
        error.message.includes(
          `is being changed by arn:aws:iam::${account}:user/ada (process ${process.pid} on ${hostname()}): promote of`,
        ),
    );
    assert.deepEqual([destroyed, told, await store.exists({ bucket, key: lockKey })], [0, [], true]);
    await holder.release();
    await new ParameterStore(session).put(outputs.logHeadParameter, "{}", { project: "peregrine" });
    const { resourcesDeleted, objectsDeleted } = await teardown(environment, report);
    assert.deepEqual([destroyed, resourcesDeleted, objectsDeleted > 0], [1, 3, true]);
    for (const parameter of [outputs.releaseParameter, outputs.ledgerHeadParameter, outputs.logHeadParameter])
      assert.equal(await new ParameterStore(session).get(parameter), undefined);
  });
});
