import { mkdirSync, readFileSync, rmSync, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AwsError } from "../../errors";
import { placed, type Principal } from "../../iam/principal";
import { makeInterfaces } from "../../network/interfaces";
import { placementOf, type Placement } from "../../network/placement";
import { engineVariables } from "../../provider/engine-variables";
import { ImageNotFound, resolveImage, type ImageCommand } from "../../runner/images";
import { roleEnvironment } from "../../runner/role-environment";
import { COMMAND_PHASES, type Buildspec, type CommandPhase } from "./buildspec";
import { CODEBUILD_PRINCIPAL } from "./checks";
import { buildPrincipal, type Context } from "./context";
import { BuildLog } from "./logs";
import { Interrupted, nextPhase, outcome, PHASE_OF, PhaseFailure, type Interruption } from "./phases";
import { beginPhase, endPhase } from "./progress";
import type { BuildRecord, BuildStatus, PhaseType } from "./records";
import { BuildShell } from "./shell";
import { fetchSource, readBuildspec } from "./source";
import { builtInVariables, resolveVariables } from "./variables";

/** One build while it runs: from PROVISIONING to FINALIZING. */
export class BuildRun {
  private interruption: Interruption | undefined;
  private readonly aborted = new AbortController();
  private readonly log: BuildLog;
  private readonly folder: string;
  private readonly home: string;
  private readonly source: string;
  private shell: BuildShell | undefined;
  private provider: { readonly port: number; stop(): Promise<void> } | undefined;
  private principal!: Principal;
  private image!: ImageCommand;
  private spec!: Buildspec;

  constructor(
    private readonly context: Context,
    private readonly build: BuildRecord,
  ) {
    const uuid = build.id.split(":")[1]!;
    this.folder = join(context.folder, uuid);
    this.home = join(this.folder, "home");
    this.source = join(this.folder, "output", `src${build.number}`, "src");
    this.log = new BuildLog(context.cloud, build);
  }

  /** Ends the build. Going down overrules everything: the record stays as it is and is closed at the next start. */
  interrupt(reason: Interruption): void {
    if (reason === "abandoned") this.interruption = reason;
    else this.interruption ??= reason;
    this.aborted.abort(new Interrupted(reason));
    void this.shell?.close();
  }

  /** Runs the build. @returns how it ended, or undefined when the local cloud goes down. */
  async run(): Promise<BuildStatus | undefined> {
    const { clock } = this.context.cloud;
    void clock.sleep(this.build.timeoutMinutes * 60_000, this.aborted.signal).then(
      () => this.interrupt("timed out"),
      () => undefined,
    );
    let status: BuildStatus = await this.phase("PROVISIONING", () => this.provision());
    if (status === "SUCCEEDED") status = await this.phase("DOWNLOAD_SOURCE", () => this.download());
    if (status === "SUCCEEDED") status = await this.commandPhases();
    if (this.interruption === undefined) {
      const last = await this.phase("FINALIZING", () => this.exportVariables());
      if (status === "SUCCEEDED") status = last;
    }
    await this.clear();
    return this.interruption === "abandoned" ? undefined : status;
  }

  /** Releases everything the build holds; its log is complete afterwards. */
  private async clear(): Promise<void> {
    this.aborted.abort(new Interrupted("over"));
    await this.shell?.close();
    await this.provider?.stop();
    this.context.caches.release(this.build);
    this.log.flush();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async phase(type: PhaseType, work: () => Promise<void>): Promise<BuildStatus> {
    beginPhase(this.context, this.build.id, type);
    let ended: ReturnType<typeof outcome> = { status: "SUCCEEDED", context: { statusCode: "", message: "" } };
    try {
      await work();
      if (this.interruption) throw new Interrupted(this.interruption);
    } catch (error) {
      ended = outcome(
        error,
        (fault) => this.context.cloud.failures.note(`${type} of build ${this.build.id}`, fault),
        this.interruption,
      );
    }
    if (this.interruption === "abandoned") return ended.status;
    const { statusCode, message } = ended.context;
    this.log.note(`Phase complete: ${type} State: ${ended.status}`);
    this.log.note(`Phase context status code: ${statusCode} Message: ${message}`);
    endPhase(this.context, this.build.id, ended.status, ended.context);
    return ended.status;
  }

  private async provision(): Promise<void> {
    const { cloud, store, images } = this.context;
    const { serviceRole, environment, project, id } = this.build;
    try {
      this.principal = cloud.internals.assume(
        serviceRole,
        CODEBUILD_PRINCIPAL,
        `AWSCodeBuild-${id.split(":")[1]}`,
        store.projectArn(project),
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseFailure(
        "ACCESS_DENIED",
        `CodeBuild is not authorized to perform: sts:AssumeRole on ${serviceRole}: the role must exist and trust ${CODEBUILD_PRINCIPAL}.`,
      );
    }
    await this.log.open(this.principal);
    // From here on it is the build's host that calls, from where the project puts it.
    const place = placementOf(this.build.recorded.vpcConfig);
    if (place) this.join(place);
    this.principal = placed(this.principal, place);
    this.log.note("Waiting for agent ping");
    try {
      this.image = resolveImage(images, environment.image, cloud.accountId);
    } catch (error) {
      if (!(error instanceof ImageNotFound)) throw error;
      throw new PhaseFailure(
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        `Unable to pull customer's container image. ${error.message}`,
      );
    }
  }

  /** CodeBuild makes the interfaces of a build's host as the service role. */
  private join(place: Placement): void {
    try {
      makeInterfaces(this.context.cloud, this.principal, place, "others");
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseFailure(
        "VPC_CLIENT_ERROR",
        `Unexpected EC2 error: ${/NotFound$/.test(error.code) ? error.code : "UnauthorizedOperation"}`,
      );
    }
  }

  private async download(): Promise<void> {
    const { cloud, store, gatewayUrl, openProvider, isolation } = this.context;
    const { build } = this;
    this.log.note("Waiting for DOWNLOAD_SOURCE");
    rmSync(this.folder, { recursive: true, force: true });
    for (const folder of [this.home, this.source]) mkdirSync(folder, { recursive: true });
    await fetchSource(cloud, this.principal, build, this.source);
    this.spec = await readBuildspec(cloud, this.principal, build, this.source);
    this.log.note(`CODEBUILD_SRC_DIR=${this.source}`);
    for (const words of this.spec.passedOver) this.log.note(`Not done by the local cloud: ${words}`);
    for (const words of this.context.caches.link(build, this.spec.cachePaths, this.source)) this.log.note(words);
    const { values, secrets } = await resolveVariables(cloud, this.principal, build.variables, this.spec);
    const platform = roleEnvironment(cloud, this.principal, gatewayUrl());
    this.log.hide([...secrets, platform.AWS_SECRET_ACCESS_KEY!, platform.AWS_SESSION_TOKEN!]);
    if (this.image.pulumi && openProvider)
      this.provider = await openProvider(
        buildPrincipal(cloud, this.principal, this.home, { ...this.image.env, ...platform, HOME: this.home }),
      );
    if (this.interruption) throw new Interrupted(this.interruption);
    this.shell = new BuildShell({
      folder: this.folder,
      workingDirectory: this.source,
      home: this.home,
      shell: this.spec.shell,
      isolation,
      env: {
        ...this.image.env,
        ...platform,
        ...(this.provider ? engineVariables(this.provider.port) : {}),
        // Pulumi asks the system, not HOME, where the user lives: a build that logs in would log its owner in.
        ...(this.image.pulumi ? { PULUMI_HOME: join(this.home, ".pulumi") } : {}),
        ...values,
        ...builtInVariables(build, this.source, store.projectArn(build.project)),
      },
      onLine: this.log.write,
    });
  }

  private async commandPhases(): Promise<BuildStatus> {
    let result: BuildStatus = "SUCCEEDED";
    for (let name: ReturnType<typeof nextPhase> = COMMAND_PHASES[0]; name !== "FINALIZING";) {
      if (name === "UPLOAD_ARTIFACTS") {
        const status = await this.phase(name, async () => undefined);
        return result === "SUCCEEDED" ? status : result;
      }
      const current: CommandPhase = name;
      const status = await this.phase(PHASE_OF[current], () => this.commands(current));
      if (this.interruption) return status;
      if (status !== "SUCCEEDED") {
        result = status;
        await this.shell!.run("export CODEBUILD_BUILD_SUCCEEDING=0");
      }
      name = nextPhase(current, status !== "SUCCEEDED", this.spec.phases[current].onFailure);
    }
    return result;
  }

  /** Commands until the first that fails, then the `finally` commands in any case. */
  private async commands(name: CommandPhase): Promise<void> {
    const { commands, finally: always } = this.spec.phases[name];
    this.log.note(`Entering phase ${PHASE_OF[name]}`);
    let failure: PhaseFailure | undefined;
    for (const list of [commands, always]) {
      for (const command of list) {
        this.log.note(`Running command ${command}`);
        const status = await this.shell!.run(command);
        if (this.interruption) throw new Interrupted(this.interruption);
        if (status === 0) continue;
        this.log.note(`Command did not exit successfully ${command} exit status ${status}`);
        failure ??= new PhaseFailure(
          "COMMAND_EXECUTION_ERROR",
          `Error while executing command: ${command}. Reason: exit status ${status}`,
        );
        break;
      }
    }
    if (failure) throw failure;
  }

  private async exportVariables(): Promise<void> {
    if (!this.shell) return;
    const exported = [];
    for (const name of this.spec.exportedVariables) {
      const file = join(this.folder, "exported");
      rmSync(file, { force: true });
      await this.shell.run(`printf %s "\${${name}-}" > '${file.replaceAll("'", `'\\''`)}'`);
      exported.push({ name, value: existsSync(file) ? readFileSync(file, "utf8") : "" });
    }
    this.context.store.change(this.build.id, { exported });
  }
}
