import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import instanceTypes from "../../../../contract/hosts/instance-types.json";
import { localDisk } from "../../../../contract/hosts/disks";
import { hasGpu, hostFor } from "../../../../contract/hosts/inference";
import { checkAmi, hostOf, starts } from "../../../../local/services/sagemaker/hosting/hosts";
import { ownDisks } from "../../../../local/services/sagemaker/jobs/hosts";
import { configured, GPU_IMAGE, ROLE, served, startTestCloud, type TestCloud } from "./harness";

const driver580 = { InferenceAmiVersion: "al2023-ami-sagemaker-inference-gpu-4-1" };
const notStarted =
  "CannotStartContainerError. Please ensure the model container for variant champion starts correctly when invoked with 'docker run <image> serve'";
const image = { architecture: "amd64", cuda: "13.3" } as const;

describe("hosts of endpoints", () => {
  let test: TestCloud;
  beforeEach(async () => (test = await startTestCloud()));
  afterEach(() => test.stop());

  const withVariant = (variant: object) => ({ image: GPU_IMAGE, variant });

  it("with a driver older than the image's CUDA start no container: the endpoint fails in AWS's words, without a line in its log", async () => {
    for (const [name, type] of Object.entries({ g5: "ml.g5.xlarge", g6: "ml.g6.xlarge" })) {
      await configured(test, name, withVariant({ InstanceType: type }));
      await test.call("CreateEndpoint", { EndpointName: name, EndpointConfigName: name });
      assert.equal((await test.endpointUntil(name, "Failed")).FailureReason, notStarted);
    }
    assert.deepEqual(test.logs, []);
  });

  it("with the machine image that carries it serve", async () => {
    await configured(test, "alpha", withVariant({ InstanceType: "ml.g5.xlarge", ...driver580 }));
    await served(test, "shop", "alpha");
  });

  it("have an update taken back whose container does not start", async () => {
    await configured(test, "alpha", withVariant({ InstanceType: "ml.g5.xlarge", ...driver580 }));
    await served(test, "shop", "alpha");
    await configured(
      test,
      "beta",
      withVariant({ InstanceType: "ml.g5.xlarge", InferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" }),
    );
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "beta" });
    assert.equal((await test.endpointUntil("shop", "InService")).EndpointConfigName, "alpha");
  });

  it("of another architecture than the image start none either", async () => {
    await configured(test, "arm", withVariant({ InstanceType: "ml.c7g.large" }));
    await test.call("CreateEndpoint", { EndpointName: "arm", EndpointConfigName: "arm" });
    assert.equal((await test.endpointUntil("arm", "Failed")).FailureReason, notStarted);
  });

  it("give the image its GPU where they have one: what stands for it is another entry point", async () => {
    await configured(test, "gpu", withVariant({ InstanceType: "ml.g5.xlarge", ...driver580 }));
    await configured(test, "cpu", withVariant({ InstanceType: "ml.c6i.large" }));
    for (const name of ["gpu", "cpu"]) await served(test, name, name);
    const said = (name: string) => test.logs.filter(({ group }) => group.endsWith(`/${name}`)).map(({ line }) => line);
    while (said("gpu").length * said("cpu").length === 0) await delay(20);
    assert.deepEqual([said("gpu"), said("cpu")], [["listening --title=gpu"], ["listening"]]);
  });

  it("are refused with a machine image that is not made for their family", async () => {
    await configured(test, "alpha");
    const variant = (InstanceType: string, InferenceAmiVersion: string) => ({
      EndpointConfigName: "beta",
      ProductionVariants: [
        { VariantName: "champion", ModelName: "alpha", InstanceType, InitialInstanceCount: 1, InferenceAmiVersion },
      ],
    });
    assert.match(
      await test.refused("CreateEndpointConfig", variant("ml.c6i.large", driver580.InferenceAmiVersion)),
      /^ValidationException: InferenceAmiVersion "al2023-ami-sagemaker-inference-gpu-4-1" is not supported for instance type "ml\.c6i\.large"/,
    );
    assert.match(
      await test.refused("CreateEndpointConfig", variant("ml.g5.xlarge", "al2-ami-sagemaker-inference-neuron-2")),
      /is not supported/,
    );
    assert.match(
      await test.refused("CreateEndpointConfig", variant("ml.g5.xlarge", "al2-ami-of-tomorrow")),
      /^ValidationException/,
    );
  });

  describe("of jobs", () => {
    const role = { RoleArn: ROLE };
    const training = (TrainingJobName: string, ResourceConfig: object, TrainingImage = GPU_IMAGE) => ({
      TrainingJobName,
      ...role,
      AlgorithmSpecification: { TrainingImage, TrainingInputMode: "File" },
      OutputDataConfig: { S3OutputPath: "s3://artifacts/runs" },
      ResourceConfig: { InstanceCount: 1, ...ResourceConfig },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    });
    const processing = (ProcessingJobName: string, ClusterConfig: object) => ({
      ProcessingJobName,
      ...role,
      AppSpecification: { ImageUri: GPU_IMAGE },
      ProcessingResources: { ClusterConfig: { InstanceCount: 1, ...ClusterConfig } },
    });

    it("with disks of their own take no key for volumes, and no size beyond the disk", async () => {
      for (const [operation, request] of [
        ["CreateTrainingJob", training],
        ["CreateProcessingJob", processing],
      ] as const) {
        assert.match(
          await test.refused(
            operation,
            request("keyed", { InstanceType: "ml.g5.xlarge", VolumeSizeInGB: 50, VolumeKmsKeyId: "alias/ours" }),
          ),
          /^ValidationException: VolumeKmsKeyId is not supported for instance type ml\.g5\.xlarge/,
        );
        assert.match(
          await test.refused(operation, request("large", { InstanceType: "ml.g4dn.xlarge", VolumeSizeInGB: 126 })),
          /^ValidationException: VolumeSizeInGB 126 is greater than .* 125 GB/,
        );
        await test.call(operation, request("fits", { InstanceType: "ml.g4dn.xlarge", VolumeSizeInGB: 125 }));
        await test.call(
          operation,
          request("on-ebs", { InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 500, VolumeKmsKeyId: "alias/ours" }),
        );
      }
    });

    it("of another architecture run no container: the log says why", async () => {
      await test.call(
        "CreateTrainingJob",
        training("arm", { InstanceType: "ml.p6e-gb200.36xlarge", VolumeSizeInGB: 50 }),
      );
      const done = await test.describeUntil(
        "DescribeTrainingJob",
        { TrainingJobName: "arm" },
        ({ TrainingJobStatus }) => TrainingJobStatus !== "InProgress",
      );
      assert.deepEqual([done.TrainingJobStatus, done.FailureReason], ["Failed", "AlgorithmError: , exit code: 1"]);
      while (test.logs.length === 0) await delay(20);
      assert.deepEqual(
        test.logs.map(({ line }) => line),
        ["exec node: exec format error"],
      );
    });

    it("run an image for GPUs without one", async () => {
      await test.call("CreateTrainingJob", training("cpu", { InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 50 }));
      const done = await test.describeUntil(
        "DescribeTrainingJob",
        { TrainingJobName: "cpu" },
        ({ TrainingJobStatus }) => TrainingJobStatus !== "InProgress",
      );
      assert.equal(done.TrainingJobStatus, "Completed", done.FailureReason);
    });

    it("have the disks that the program counts with, on every type: two tables that know nothing of each other agree", () => {
      for (const type of [...instanceTypes.training, ...instanceTypes.processing])
        assert.deepEqual(ownDisks(type), localDisk(type), type);
    });
  });

  it("run what the program asks of them, on every type: two tables that know nothing of each other agree", () => {
    for (const type of instanceTypes.hosting) {
      const wanted = hostFor(type);
      const ami = wanted.verdict === "ami" ? wanted.version : undefined;
      assert.doesNotThrow(() => checkAmi({ InstanceType: type, InferenceAmiVersion: ami }), type);
      assert.equal(starts(image, hostOf(type, ami)), wanted.verdict !== "unfit", type);
      assert.equal(hostOf(type, ami).cuda !== undefined, hasGpu(type), type);
    }
  });
});
