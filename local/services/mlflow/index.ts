import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import type { InventoryItem } from "../../service";
import { AwsError, validationException } from "../../errors";
import { page, timestampMs } from "../pages";
import { addTagsRequirement, tagContext, Tags } from "../sagemaker/tags";
import { canServe, TrackingServer } from "./process";
import { temporaryFolder } from "../../temporary-folder";

export interface MlflowOptions {
  /** Python of an environment that has mlflow. */
  readonly python?: string;
  /** Where servers reach the local cloud's S3 to show artifacts; without it they show runs and metrics only. */
  readonly gatewayUrl?: () => string;
}

interface MlflowApp {
  readonly arn: string;
  readonly name: string;
  readonly artifactStoreUri: string;
  readonly roleArn: string;
  readonly status: "Creating" | "Created" | "CreateFailed" | "Updated";
  readonly modelRegistrationMode: string;
  readonly accountDefaultStatus: string;
  readonly defaultDomainIds: readonly string[];
  readonly maintenanceWindow: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly createdBy: Members;
}

/** The version of MLflow that apps run (AWS: the latest supported one, no pin possible). */
const MLFLOW_VERSION = "3.10.0";

/** MLflow apps: the part of service `sagemaker` that keeps them, each with a real tracking server. */
export interface MlflowApps {
  readonly operations: Readonly<Record<string, Handler>>;
  readonly permissions: Readonly<Record<string, (input: Members, call: Call) => Requirement[]>>;
  exists(arn: string): boolean;
  tagsOf(arn: string): Readonly<Record<string, string>> | undefined;
  inventory(): InventoryItem[];
  start(): void;
  stop(): void;
}

const known = new WeakMap<Cloud, MlflowApps>();

/** The MLflow apps of a cloud, made on first use. */
export function mlflowOf(cloud: Cloud, options: MlflowOptions = {}): MlflowApps {
  let apps = known.get(cloud);
  if (!apps) known.set(cloud, (apps = create(cloud, options)));
  return apps;
}

function create(cloud: Cloud, { python = join(".venv", "bin", "python"), gatewayUrl }: MlflowOptions): MlflowApps {
  const apps = cloud.journal.table<MlflowApp>("sagemaker/mlflow-apps");
  const tags = new Tags(cloud);
  const servers = new Map<string, TrackingServer>();
  const folder = cloud.stateDir ? join(cloud.stateDir, "mlflow") : temporaryFolder("mlflow");
  let stopped = false;

  const folderOf = (arn: string): string => join(folder, arn.split("/").at(-1)!);
  const serverOf = (arn: string): TrackingServer => {
    let server = servers.get(arn);
    if (!server) {
      const { artifactStoreUri, roleArn } = get(arn);
      servers.set(
        arn,
        (server = new TrackingServer(python, folderOf(arn), artifactStoreUri, () => environment(roleArn))),
      );
    }
    return server;
  };
  /** The app's own role reads artifacts for the server's pages. */
  const environment = (roleArn: string): Record<string, string> => {
    if (!gatewayUrl) return {};
    const keys = cloud.internals.credentials(cloud.internals.assume(roleArn, "sagemaker.amazonaws.com", "MlflowApp"));
    return {
      AWS_ENDPOINT_URL: gatewayUrl(),
      AWS_REGION: cloud.region,
      AWS_DEFAULT_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken,
    };
  };
  const get = (arn: string): MlflowApp => {
    const found = apps.get(arn);
    if (!found) throw new AwsError("ResourceNotFound", `MLflow App with ARN ${arn} does not exist.`);
    return found;
  };
  /**
   * An app is there when its server can run; the server comes up with the first request, as most apps of a rehearsal
   * get none.
   */
  const bringUp = async (arn: string): Promise<void> => {
    const status = (await canServe(python)) ? "Created" : "CreateFailed";
    const app = apps.get(arn);
    if (!stopped && app?.status === "Creating") apps.put(arn, { ...app, status, modifiedMs: cloud.clock.nowMs() });
  };

  cloud.internals.mlflowProxy = async (arn, raw) => {
    get(arn);
    // Clients that go to an app's host by its presigned path and those of the plug-in send the same REST paths.
    return serverOf(arn).forward(raw.method, raw.url, raw.headers, raw.body);
  };

  const operations: Record<string, Handler> = {
    CreateMlflowApp(input, call) {
      const taken = [...apps.values()].find((app) => app.name === input["Name"]);
      if (taken) throw validationException(`MLflow App with name ${taken.name} already exists.`);
      const arn = cloud.arn("sagemaker", `mlflow-app/app-${randomBytes(6).toString("hex").toUpperCase()}`);
      const now = call.now.getTime();
      tags.put(arn, input["Tags"]);
      apps.put(arn, {
        arn,
        name: input["Name"],
        artifactStoreUri: input["ArtifactStoreUri"],
        roleArn: input["RoleArn"],
        status: "Creating",
        modelRegistrationMode: input["ModelRegistrationMode"] ?? "AutoModelRegistrationDisabled",
        accountDefaultStatus: input["AccountDefaultStatus"] ?? "DISABLED",
        defaultDomainIds: input["DefaultDomainIdList"] ?? [],
        maintenanceWindow: input["WeeklyMaintenanceWindowStart"] ?? "Tue:03:30",
        createdMs: now,
        modifiedMs: now,
        createdBy: { IamIdentity: { Arn: call.principal.arn, PrincipalId: call.principal.id } },
      });
      void bringUp(arn);
      return { Arn: arn };
    },
    DescribeMlflowApp(input) {
      const app = get(input["Arn"]);
      return {
        Arn: app.arn,
        Name: app.name,
        ArtifactStoreUri: app.artifactStoreUri,
        MlflowVersion: MLFLOW_VERSION,
        RoleArn: app.roleArn,
        Status: app.status,
        ModelRegistrationMode: app.modelRegistrationMode,
        AccountDefaultStatus: app.accountDefaultStatus,
        DefaultDomainIdList: app.defaultDomainIds,
        WeeklyMaintenanceWindowStart: app.maintenanceWindow,
        CreationTime: new Date(app.createdMs),
        LastModifiedTime: new Date(app.modifiedMs),
        CreatedBy: app.createdBy,
        LastModifiedBy: app.createdBy,
      };
    },
    ListMlflowApps(input) {
      const after = timestampMs(input["CreatedAfter"]) ?? -Infinity;
      const before = timestampMs(input["CreatedBefore"]) ?? Infinity;
      const sign = (input["SortOrder"] ?? "Descending") === "Ascending" ? 1 : -1;
      const by = input["SortBy"] ?? "CreationTime";
      const rows = [...apps.values()]
        .filter(
          (app) =>
            (input["Status"] ?? app.status) === app.status &&
            (input["AccountDefaultStatus"] ?? app.accountDefaultStatus) === app.accountDefaultStatus &&
            app.createdMs > after &&
            app.createdMs < before,
        )
        .filter(
          (app) =>
            input["DefaultForDomainId"] === undefined || app.defaultDomainIds.includes(input["DefaultForDomainId"]),
        )
        .sort(
          (a, b) =>
            sign *
            (by === "Name"
              ? a.name.localeCompare(b.name)
              : by === "Status"
                ? a.status.localeCompare(b.status)
                : a.createdMs - b.createdMs),
        );
      const { items, next } = page(rows, input["NextToken"], input["MaxResults"] ?? 10);
      return {
        Summaries: items.map((app) => ({
          Arn: app.arn,
          Name: app.name,
          Status: app.status,
          CreationTime: new Date(app.createdMs),
          LastModifiedTime: new Date(app.modifiedMs),
          MlflowVersion: MLFLOW_VERSION,
        })),
        NextToken: next,
      };
    },
    UpdateMlflowApp(input, call) {
      const app = get(input["Arn"]);
      if (app.status === "Creating")
        throw new AwsError("ConflictException", `MLflow App ${app.arn} is in status Creating and cannot be updated.`);
      apps.put(app.arn, {
        ...app,
        name: input["Name"] ?? app.name,
        artifactStoreUri: input["ArtifactStoreUri"] ?? app.artifactStoreUri,
        modelRegistrationMode: input["ModelRegistrationMode"] ?? app.modelRegistrationMode,
        accountDefaultStatus: input["AccountDefaultStatus"] ?? app.accountDefaultStatus,
        defaultDomainIds: input["DefaultDomainIdList"] ?? app.defaultDomainIds,
        maintenanceWindow: input["WeeklyMaintenanceWindowStart"] ?? app.maintenanceWindow,
        status: "Updated",
        modifiedMs: call.now.getTime(),
      });
      return { Arn: app.arn };
    },
    DeleteMlflowApp(input) {
      const { arn } = get(input["Arn"]);
      servers.get(arn)?.close();
      servers.delete(arn);
      apps.delete(arn);
      tags.drop(arn);
      rmSync(folderOf(arn), { recursive: true, force: true });
      return { Arn: arn };
    },
    async CreatePresignedMlflowAppUrl(input) {
      const { arn, status } = get(input["Arn"]);
      if (status === "Creating" || status === "CreateFailed")
        throw validationException(`MLflow App ${arn} is in status ${status}.`);
      return { AuthorizedUrl: `http://127.0.0.1:${await serverOf(arn).entrance()}/` };
    },
  };

  return {
    operations,
    permissions: permissions(cloud),
    exists: (arn) => apps.has(arn),
    tagsOf: (arn) => (apps.has(arn) ? (tags.of(arn) ?? {}) : undefined),
    inventory: () => [...apps.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::MlflowApp" })),
    start: () => {
      stopped = false;
      for (const { arn, status } of apps.values()) if (status === "Creating") void bringUp(arn);
    },
    stop: () => {
      stopped = true;
      for (const server of servers.values()) server.close();
      servers.clear();
      if (!cloud.stateDir) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function permissions(cloud: Cloud): MlflowApps["permissions"] {
  const on = (input: Members, call: Call): Requirement[] => [
    { action: `sagemaker:${call.operation}`, resource: input["Arn"] },
  ];
  return {
    CreateMlflowApp: (input, call) => {
      const resource = cloud.arn("sagemaker", "mlflow-app/*");
      return [
        { action: "sagemaker:CreateMlflowApp", resource, context: tagContext(input["Tags"]) },
        ...addTagsRequirement(resource, input["Tags"], call),
        {
          action: "iam:PassRole",
          resource: input["RoleArn"],
          context: { "iam:PassedToService": "sagemaker.amazonaws.com" },
        },
      ];
    },
    DescribeMlflowApp: on,
    UpdateMlflowApp: on,
    DeleteMlflowApp: on,
    CreatePresignedMlflowAppUrl: on,
    ListMlflowApps: () => [{ action: "sagemaker:ListMlflowApps", resource: "*" }],
  };
}
