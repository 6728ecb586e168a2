import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import { RawResponse } from "../raw";
import { AwsError } from "../errors";
import type { Principal } from "../iam/principal";
import type { ServiceModel } from "../model/shapes";

/** Version of `@pulumi/aws` whose types this provider serves. */
export const awsVersion = "7.48.0";

/** Codes after which the AWS SDK tries again. */
const retryable = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|ServiceUnavailable|PriorRequestNotComplete/i;
/** Statuses that the SDKs try again (AWS SDKs and Tools Reference Guide, "Retry behavior"). */
const transient = [500, 502, 503, 504];
const attempts = 8;
/**
 * What services say of a role that they do not know yet, or whose rights they do not, and the provider tries again for
 * two minutes (terraform-provider-aws, `iamPropagationTimeout`).
 */
const unknownRole: Readonly<Record<string, RegExp>> = {
  "lambda:CreateFunction":
    /The role defined for the function cannot be assumed by Lambda|execution role does not have permissions/,
  "lambda:CreateEventSourceMapping": /cannot be assumed by Lambda|execution role does not have permissions/,
  "cloudtrail:CreateTrail": /Access denied\./,
  "cloudtrail:UpdateTrail": /Access denied\./,
  "codebuild:CreateProject": /CodeBuild is not authorized to perform/,
  "scheduler:CreateSchedule": /must allow AWS EventBridge Scheduler to assume the role/,
};
/** Cloud time. */
const propagationMs = 120_000;
/** Real time between two tries. */
const propagationPauseMs = 100;

/** One configured provider instance: who it acts as, where, and the tags it puts on everything. */
export class Session {
  readonly stopped = new AbortController();

  constructor(
    readonly cloud: Cloud,
    readonly principal: Principal,
    readonly region: string,
    readonly defaultTags: Readonly<Record<string, string>>,
  ) {}

  get accountId(): string {
    return this.principal.accountId;
  }

  model(service: string): ServiceModel {
    return this.cloud.models.service(service);
  }

  /**
   * Calls AWS as this session's principal. Members unknown to the service model are errors: a mapping is wrong then.
   */
  async call(service: string, operation: string, input: Members): Promise<Members> {
    const { clock } = this.cloud;
    const began = clock.nowMs();
    for (let attempt = 1; ; attempt++) {
      try {
        const output = await this.cloud.call(service, operation, input, {
          principal: this.principal,
          sourceIp: "127.0.0.1",
          userAgent: `APN/1.0 Pulumi/1.0 pulumi-aws/${awsVersion}`,
          lenient: false,
        });
        if (output instanceof RawResponse) throw new Error(`${service}:${operation} answered raw bytes`);
        return output;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const again = (retryable.test(error.code) || transient.includes(error.status)) && attempt < attempts;
        const early =
          unknownRole[`${service}:${operation}`]?.test(error.message) && clock.nowMs() - began < propagationMs;
        if (!again && !early) throw error;
        await this.pause(early ? propagationPauseMs : 100 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  /** Waits in real time. Rejects when the engine cancels. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopped.signal }).catch((cause: unknown) => {
      throw new Error("the operation was cancelled", { cause });
    });
  }

  /** `arn:aws:<service>:<region>:<account>:<resource>` */
  arn(service: string, resource: string, region = this.region): string {
    return `arn:aws:${service}:${region}:${this.accountId}:${resource}`;
  }
}
