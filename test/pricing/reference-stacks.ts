/**
 * The three environments with a release, worked out by hand for eu-central-1: by type, US dollars a month, from the
 * public prices (docs/cost.md) and the assumptions as of 2026-11-26. Nothing here is read from the code or its table.
 */

/** 1,000,000 requests a month of 300 KB with answers of 4 KB through the endpoint, at 0.016 USD a GB. */
const endpointTraffic = ((1_000_000 * (300 + 4)) / 1_000_000) * 0.016; // 304 GB: 4.864
/** Captured a month: images as base64 (4/3 of their size), answers as JSON. In GB: (400 + 4) KB x 1,000,000. */
const capturedGB = 404;
/** 50 GB at 0.0245, 100,000 writes at 5.4 and 1,000,000 reads at 0.43 USD a million. */
const bucket = 50 * 0.0245 + 0.1 * 5.4 + 1 * 0.43; // 2.195
/** A key, and 100,000 requests at 3 USD a million. */
const key = 1 + 0.1 * 3; // 1.30
/** A key that signs a few decisions, or checkpoints of the log, a month: 0.15 USD for 10,000 of them. */
const signingKey = 1;
/** 10,000 calls of 2 s with 256 MB: 5,000 GB-seconds at 13.3334, calls at 0.20 USD a million. */
const lambda = 0.005 * 13.3334 + 0.01 * 0.2; // 0.0687
/** The function that records calls has twice the memory. */
const recorder = 0.01 * 13.3334 + 0.01 * 0.2; // 0.1353
/** A GB a month in at 0.63; 15 % of it stored at 0.0324, as many months as it is kept. */
const logGroup = (days: number) => 0.63 + 0.15 * (days / 30.42) * 0.0324;
/**
 * Two processing jobs on ml.m5.xlarge (0.2755), half an hour each, four times a month, 50 GB at 0.1666 USD a GB and
 * month of 730 h.
 */
const preparing = 4 * 2 * 0.5 * (0.2755 + (50 * 0.1666) / 730); // 1.1476

/** Monitoring: a quarter of an hour on ml.m5.xlarge with 30 GB, each day or each hour; 100 metrics in these hours. */
const monitoring = (runs: number) => runs * 0.25 * (0.2755 + (30 * 0.1666) / 730) + (100 * 0.3 * runs) / 730;

/** Weekdays from 7 to 19: sixty hours a week, in 365 / 12 days a month. */
const officeHours = ((5 * 12) / 7) * (365 / 12); // 260.7
/**
 * Audit trail: 5,000,000 data events and a million requests to the endpoint at 0.10 USD per 100,000; the first copy of
 * management events is free.
 */
const trail = 60 * 0.1;
/** 100,000 events of our own at 1 USD a million; a GB archived at 0.10 and held at 0.023. */
const events = {
  "aws:cloudwatch/eventBus:EventBus": 0.1,
  "aws:cloudwatch/eventArchive:EventArchive": 0.123,
  "aws:cloudtrail/trail:Trail": trail,
};
/**
 * Three interface endpoints, MLflow's and those that monitors call, in two zones at 0.012 USD an hour, 20 GB through
 * each at 0.01; S3's gateway endpoint is free. Flow logs: 5 GB at 0.63.
 */
const network = {
  "aws:ec2/vpcEndpoint:VpcEndpoint": 3 * (2 * 730 * 0.012 + 20 * 0.01),
  "aws:ec2/flowLog:FlowLog": 5 * 0.63,
};

export const referenceStacks: Readonly<Record<"dev" | "staging" | "prod", Readonly<Record<string, number>>>> = {
  dev: {
    // One ml.g4dn.xlarge in office hours, at 0.526 x 1.4 in Virginia, 0.658 / 0.526 of that in Frankfurt; capture is
    // kept a week.
    "aws:sagemaker/endpoint:Endpoint": officeHours * 0.9212 + endpointTraffic + capturedGB * (7 / 30.42) * 0.0245,
    // Four runs of three hours on spot (40 %), and half an hour of evaluation.
    "aws:sagemaker/pipeline:Pipeline": preparing + 4 * 3 * 0.9212 * 0.4 + 4 * 0.5 * 0.9212 + monitoring(365 / 12),
    "aws:s3/bucket:Bucket": 2 * bucket,
    "aws:kms/key:Key": 2 * key + 2 * signingKey,
    "aws:ecr/repository:Repository": 20 * 0.1,
    // Eight releases and eight images of half an hour each: a cent a minute, and two cents for the larger machine that
    // builds images.
    "aws:codebuild/project:Project": 8 * 30 * 0.01 + 8 * 30 * 0.02,
    // Two people, 80 hours on ml.t3.medium (0.058) and 20 GB of disk each.
    "aws:sagemaker/space:Space": 2 * (80 * 0.058 + 20 * 0.1666),
    ...events,
    "aws:cloudwatch/logGroup:LogGroup": 15 * logGroup(14),
    "aws:cloudwatch/metricAlarm:MetricAlarm": 18 * 0.1,
    "aws:lambda/function:Function": 10 * lambda + recorder,
    "aws:sqs/queue:Queue": 7 * 0.1 * 0.4,
  },
  staging: {
    "aws:sagemaker/endpoint:Endpoint": 730 * 1.76 + endpointTraffic + capturedGB * (30 / 30.42) * 0.0245,
    "aws:sagemaker/pipeline:Pipeline": preparing + 4 * 3 * 1.76 * 0.4 + 4 * 0.5 * 1.76 + monitoring(365 / 12),
    "aws:s3/bucket:Bucket": 2 * bucket,
    "aws:kms/key:Key": 2 * key + 2 * signingKey,
    ...events,
    ...network,
    "aws:cloudwatch/logGroup:LogGroup": 10 * logGroup(30),
    "aws:cloudwatch/metricAlarm:MetricAlarm": 18 * 0.1,
    "aws:lambda/function:Function": 6 * lambda + recorder,
    // Two of them show logs to their witness.
    "aws:sqs/queue:Queue": 4 * 0.1 * 0.4,
  },
  prod: {
    // Two ml.g6.xlarge, at 1.1267 in Virginia times 1.0064 / 0.8048.
    "aws:sagemaker/endpoint:Endpoint": 2 * 730 * 1.4089 + endpointTraffic + capturedGB * (90 / 30.42) * 0.0245,
    // On demand: production does not train on spot.
    "aws:sagemaker/pipeline:Pipeline": preparing + 4 * 3 * 1.5281 + 4 * 0.5 * 1.5281 + monitoring(730),
    "aws:s3/bucket:Bucket": 3 * bucket,
    "aws:kms/key:Key": 2 * key + 2 * signingKey,
    ...events,
    ...network,
    "aws:cloudwatch/logGroup:LogGroup": 10 * logGroup(400),
    "aws:cloudwatch/metricAlarm:MetricAlarm": 18 * 0.1,
    "aws:lambda/function:Function": 6 * lambda + recorder,
    "aws:sqs/queue:Queue": 3 * 0.1 * 0.4,
  },
};
