import type { Call, Cloud, Members, Requirement, Service } from "../cloud";
import { AwsError } from "../errors";
import { requestContext } from "./context";
import { evaluate, type Decision, type NamedPolicy } from "./evaluate";
import { denialClause } from "./explain";
import { Holdings, principalTags } from "./holdings";
import { compilePolicy } from "./policy";
import { iamRecords, type IamRecords } from "./records";

/** Decides whether the caller may do what an operation requires. Throws AccessDenied in AWS's words when not. */
export interface Authoriser {
  authorise(service: Service, input: Members, call: Call): void;
}

/** What was asked of IAM for one requirement of an operation, and its answer. */
export interface Ruling {
  readonly requirement: Requirement;
  readonly decision: Decision;
}

/** The authoriser of a cloud, over its IAM records. */
export function createAuthoriser(cloud: Cloud): IamAuthoriser {
  return new IamAuthoriser(cloud);
}

export class IamAuthoriser implements Authoriser {
  private readonly records: IamRecords;
  private readonly holdings: Holdings;

  constructor(private readonly cloud: Cloud) {
    this.records = iamRecords(cloud);
    this.holdings = new Holdings(this.records);
  }

  /** @throws AwsError with the code and message of the service, for the first requirement that is not met. */
  authorise(service: Service, input: Members, call: Call): void {
    for (const requirement of requirementsOf(service, input, call)) {
      const decision = this.decide(service, requirement, input, call);
      if (!decision.allowed) throw accessDenied(service, call, requirement, decision);
    }
  }

  /** The answers to all requirements of an operation, with the statements behind them; refuses nothing. */
  rule(service: Service, input: Members, call: Call): Ruling[] {
    return requirementsOf(service, input, call).map((requirement) => ({ requirement, decision: this.decide(service, requirement, input, call) }));
  }

  private decide(service: Service, requirement: Requirement, input: Members, call: Call): Decision {
    const { principal } = call;
    const { action, resource } = requirement;
    const prefix = action.slice(0, action.indexOf(":"));
    const resourceAccount = arnPart(resource, 4) || this.cloud.accountId;
    const lookup = requestContext({
      call,
      input,
      requirement,
      region: this.cloud.region,
      principalTags: () => principalTags(this.records, principal),
      resourceTags: () => this.tagsOf(service, resource),
      resourceAccount,
      ownAction: prefix === prefixOf(service),
    });
    const policy = this.resourcePolicy(service, prefix, resource);
    return evaluate(
      { action, resource, principal, lookup, resourceAccount, resourceMustAllow: mustAllow(action, policy !== undefined) },
      { ...this.holdings.policySet(principal), resource: policy },
    );
  }

  private resourcePolicy(service: Service, prefix: string, resource: string): NamedPolicy | undefined {
    if (resource === "*") return undefined;
    // Objects are governed by their bucket's policy.
    const arn = prefix === "s3" ? resource.replace(/^(arn:[^:]*:s3:::[^/]+)\/.*$/s, "$1") : resource;
    for (const owner of this.ownersOf(service, prefix)) {
      const text = owner.resourcePolicyOf?.(arn);
      if (text) return { name: arn, policy: compilePolicy(text, prefix === "sts" ? "trust" : "resource") };
    }
    return undefined;
  }

  private tagsOf(service: Service, resource: string): Readonly<Record<string, string>> | undefined {
    for (const owner of this.ownersOf(service, arnPart(resource, 2))) {
      const tags = owner.tagsOf?.(resource);
      if (tags) return tags;
    }
    return undefined;
  }

  /** Services that may know a resource of this prefix, the called one first. */
  private ownersOf(service: Service, prefix: string): Service[] {
    const owners = [...this.cloud.services.values()].filter((other) => other !== service && prefixOf(other) === prefix);
    return prefixOf(service) === prefix ? [service, ...owners] : owners;
  }
}

function requirementsOf(service: Service, input: Members, call: Call): Requirement[] {
  const table = service.permissions;
  const own = table && Object.hasOwn(table, call.operation) ? table[call.operation] : undefined;
  return own ? own(input, call) : [{ action: `${prefixOf(service)}:${call.operation}`, resource: "*" }];
}

function prefixOf(service: Service): string {
  return service.iamPrefix ?? service.id;
}

function arnPart(arn: string, index: number): string {
  return arn.startsWith("arn:") ? (arn.split(":", index + 1)[index] ?? "") : "";
}

/** Trust policies and key policies must allow by themselves or name the account; identity policies alone are never enough. */
function mustAllow(action: string, hasPolicy: boolean): boolean {
  return /^sts:(AssumeRole|TagSession|SetSourceIdentity)/i.test(action) || (hasPolicy && /^kms:/i.test(action));
}

/** Services whose denials are not `AccessDeniedException` with status 400, as the JSON protocols have it. */
const dialects: Readonly<Record<string, readonly [code: string, status: number]>> = {
  iam: ["AccessDenied", 403],
  sts: ["AccessDenied", 403],
  s3: ["AccessDenied", 403],
  sqs: ["AccessDenied", 403],
  sns: ["AuthorizationError", 403],
  cloudwatch: ["AccessDenied", 403],
  ec2: ["UnauthorizedOperation", 403],
  lambda: ["AccessDeniedException", 403],
  scheduler: ["AccessDeniedException", 403],
  "sagemaker-runtime": ["AccessDeniedException", 403],
};

function accessDenied(service: Service, call: Call, { action, resource }: Requirement, decision: Decision): AwsError {
  const [code, status] = dialects[service.id] ?? ["AccessDeniedException", 400];
  // S3 puts the resource in quotes. STS never says that a trust policy is what is missing.
  const shown = service.id === "s3" ? `"${resource}"` : resource;
  const clause = service.id === "sts" && decision.layer === "resource" && !decision.explicit ? "" : denialClause(decision, action);
  return new AwsError(code, `User: ${call.principal.arn} is not authorized to perform: ${action} on resource: ${shown}${clause}`, status);
}
