import type { Call, Requirement } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { RawResponse } from "../raw";
import { requiresOf, type Service } from "../service";
import { AwsError } from "../errors";
import type { Authoriser } from "./authoriser";
import { requestContext } from "./context";
import { dependentOf } from "./dependents";
import { type DependentFacts, dependentFacts } from "./dependents/facts";
import type { DependentRule } from "./dependents/table";
import type { PolicyKind } from "./document";
import { evaluate, type Decision, type NamedPolicy } from "./evaluate";
import { denialClause } from "./explain";
import { policyWithGrants } from "./grants";
import { Holdings, principalTags } from "./holdings";
import { compilePolicy, type CompiledPolicy } from "./policy";
import type { Principal } from "./principal";
import { iamRecords, type IamRecords } from "./records";
import { RightsUsage } from "./usage";

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
  /** Owners by called service and prefix, until another service registers. */
  private readonly owners = new Map<string, readonly Service[]>();
  private ownersOfServices = 0;
  private readonly facts: DependentFacts;
  readonly usage = new RightsUsage();

  constructor(private readonly cloud: Cloud) {
    this.records = iamRecords(cloud);
    this.holdings = new Holdings(this.records);
    this.facts = dependentFacts(cloud);
  }

  /** @throws AwsError with the code and message of the service, for the first requirement that is not met. */
  authorise(service: Service, input: Members, call: Call): void {
    for (const requirement of this.requirementsOf(service, input, call)) {
      const decision = this.decide(service, requirement, input, call);
      if (!decision.allowed) throw accessDenied(service, call, requirement, decision);
      this.usage.note(requirement.action, decision, call);
    }
    const dependent = dependentOf(service.id, call.operation);
    if (dependent?.before) this.demand(dependent, dependent.before(input, call, this.facts), service, input, call);
  }

  authoriseAnswer(service: Service, input: Members, output: Members | RawResponse, call: Call): void {
    const dependent = dependentOf(service.id, call.operation);
    if (dependent?.answer)
      this.demand(dependent, dependent.answer(input, output, call, this.facts), service, input, call);
  }

  private demand(
    dependent: DependentRule,
    requirements: readonly Requirement[],
    service: Service,
    input: Members,
    call: Call,
  ): void {
    for (const requirement of requirements) {
      const decision = this.decide(service, requirement, input, call);
      if (decision.allowed && !requirement.principal) this.usage.note(requirement.action, decision, call);
      if (
        decision.allowed ||
        (requirement.orRole !== undefined && this.allowsRole(requirement, requirement.orRole, service, input, call))
      )
        continue;
      const error = accessDenied(service, call, requirement, decision);
      throw dependent.refusal?.(requirement, error.message, input, this.facts) ?? error;
    }
  }

  private allowsRole(requirement: Requirement, roleArn: string, service: Service, input: Members, call: Call): boolean {
    const role = this.records.roles.get(roleArn.slice(roleArn.lastIndexOf("/") + 1));
    if (role?.arn !== roleArn) return false;
    const principal: Principal = {
      type: "role",
      arn: `arn:aws:sts::${this.cloud.accountId}:assumed-role/${role.name}/SageMaker`,
      accountId: this.cloud.accountId,
      id: `${role.id}:SageMaker`,
      roleArn,
    };
    return this.decide(service, { ...requirement, principal }, input, call).allowed;
  }

  allows(requirement: Requirement, call: Call): boolean {
    return this.decide(this.cloud.services.get(call.service)!, requirement, {}, call).allowed;
  }

  wouldAllow(action: string, keyArn: string, policy: string, call: Call): boolean {
    const compiled = compilePolicy(policy, "resource");
    const requirement: Requirement = {
      action,
      resource: keyArn,
      context: { "kms:CallerAccount": call.principal.accountId },
    };
    return this.decide(this.cloud.services.get(call.service)!, requirement, {}, call, {
      name: keyArn,
      policy: compiled,
    }).allowed;
  }

  /** The answers to all requirements of an operation, with the statements behind them; refuses nothing. */
  rule(service: Service, input: Members, call: Call): Ruling[] {
    const before = dependentOf(service.id, call.operation)?.before?.(input, call, this.facts) ?? [];
    return [...this.requirementsOf(service, input, call), ...before].map((requirement) => ({
      requirement,
      decision: this.decide(service, requirement, input, call),
    }));
  }

  private requirementsOf(service: Service, input: Members, call: Call): Requirement[] {
    const own = requiresOf(service, call.operation);
    if (!own) return [{ action: `${prefixOf(service)}:${call.operation}`, resource: "*" }];
    return own(input, call).map((requirement) => {
      const resource = this.absolute(requirement.resource);
      return resource === requirement.resource ? requirement : { ...requirement, resource };
    });
  }

  /** Permission tables may leave region and account out of an ARN; S3 does so for good. */
  private absolute(resource: string): string {
    const [, service, rest] = /^arn:aws:((?!s3:)[^:]+):::(.*)$/s.exec(resource) ?? [];
    return service === undefined ? resource : this.cloud.arn(service, rest!);
  }

  /** @param assumed the resource's policy as it might be, in place of the one that it has. */
  private decide(
    service: Service,
    requirement: Requirement,
    input: Members,
    caller: Call,
    assumed?: NamedPolicy,
  ): Decision {
    const call = requirement.principal ? { ...caller, principal: requirement.principal } : caller;
    const { principal } = call;
    const { action, resource } = requirement;
    const prefix = action.slice(0, action.indexOf(":"));
    // ARNs without an account (buckets) and AWS's own (`aws`) count as the account's.
    const owner = arnPart(resource, 4);
    const resourceAccount = /^\d{12}$/.test(owner) ? owner : this.cloud.accountId;
    const lookup = requestContext({
      call,
      input,
      requirement,
      region: this.cloud.region,
      principalTags: () => principalTags(this.records.seen, principal),
      resourceTags: () => this.tagsOf(service, resource),
      resourceAccount,
      ownAction: prefix === prefixOf(service),
    });
    const own = assumed ?? this.resourcePolicy(service, prefix, resource);
    const policy = prefix === "kms" && own ? policyWithGrants(this.cloud, own, requirement, input, call) : own;
    return evaluate(
      {
        action,
        resource,
        principal,
        lookup,
        resourceAccount,
        resourceMustAllow: mustAllow(action, policy !== undefined),
      },
      {
        ...this.holdings.policySet(principal),
        resource: policy,
        endpoint: prefix === prefixOf(service) ? endpointPolicy(call) : undefined,
      },
    );
  }

  private resourcePolicy(service: Service, prefix: string, resource: string): NamedPolicy | undefined {
    if (resource === "*") return undefined;
    // Objects are governed by their bucket's policy.
    const arn = prefix === "s3" ? resource.replace(/^(arn:[^:]*:s3:::[^/]+)\/.*$/s, "$1") : resource;
    for (const owner of this.ownersOf(service, prefix)) {
      const text = owner.resourcePolicyOf?.(arn);
      const policy = text && readable(text, prefix === "sts" ? "trust" : "resource");
      if (policy) return { name: arn, policy };
    }
    return undefined;
  }

  private tagsOf(service: Service, resource: string): Readonly<Record<string, string>> | undefined {
    // A log stream has the tags of its group.
    const arn = resource.replace(/:log-stream:.*$/s, "");
    for (const owner of this.ownersOf(service, arnPart(resource, 2))) {
      const tags = owner.tagsOf?.(arn);
      if (tags) return tags;
    }
    return undefined;
  }

  /** Services that may know a resource of this prefix, the called one first. */
  private ownersOf(service: Service, prefix: string): readonly Service[] {
    const { services } = this.cloud;
    if (this.ownersOfServices !== services.size) this.owners.clear();
    this.ownersOfServices = services.size;
    const key = `${service.id} ${prefix}`;
    let owners = this.owners.get(key);
    if (!owners) {
      const others = [...services.values()].filter((other) => other !== service && prefixOf(other) === prefix);
      this.owners.set(key, (owners = prefixOf(service) === prefix ? [service, ...others] : others));
    }
    return owners;
  }
}

/**
 * What the endpoint of a VPC lets through; of what a request needs of other services (to pass a role) it says nothing.
 */
function endpointPolicy({ via }: Call): NamedPolicy | undefined {
  const policy = via?.policy === undefined ? undefined : readable(via.policy, "resource");
  return policy && { name: via!.endpointId, policy };
}

/**
 * AWS refuses to store a policy it cannot read; one that got past a service's own checks counts as none, or nobody
 * could replace it.
 */
function readable(text: string, kind: PolicyKind): CompiledPolicy | undefined {
  try {
    return compilePolicy(text, kind);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function prefixOf(service: Service): string {
  return service.iamPrefix ?? service.id;
}

function arnPart(arn: string, index: number): string {
  if (!arn.startsWith("arn:")) return "";
  let start = 0;
  for (let part = 0; part < index; part++) {
    start = arn.indexOf(":", start) + 1;
    if (start === 0) return "";
  }
  const end = arn.indexOf(":", start);
  return end < 0 ? arn.slice(start) : arn.slice(start, end);
}

/**
 * Trust policies and key policies must allow by themselves or name the account; identity policies alone are never
 * enough.
 */
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

/** Services that leave the resource out of a denial where the action has none, or all. */
const silentAboutAll: ReadonlySet<string> = new Set(["s3", "sagemaker"]);

/** Services whose errors say that it was the key (SNS API, KMSAccessDeniedException; SQS API, KmsAccessDenied). */
const keyDialects: Readonly<Record<string, readonly [code: string, status: number]>> = {
  sns: ["KMSAccessDenied", 400],
  sqs: ["KmsAccessDenied", 400],
};

function accessDenied(
  service: Service,
  call: Call,
  { action, resource, principal = call.principal }: Requirement,
  decision: Decision,
): AwsError {
  const [code, status] = (action.startsWith("kms:") ? keyDialects[service.id] : undefined) ??
    dialects[service.id] ?? ["AccessDeniedException", 400];
  // STS never says that a trust policy is what is missing.
  const clause =
    service.id === "sts" && decision.layer === "resource" && !decision.explicit ? "" : denialClause(decision, action);
  return new AwsError(
    code,
    `User: ${principal.arn} is not authorized to perform: ${action}${onResource(service, resource)}${clause}`,
    status,
  );
}

function onResource(service: Service, resource: string): string {
  if (silentAboutAll.has(service.id) && /^(arn:aws:s3:::)?\*$/.test(resource)) return "";
  // S3 puts its own resources in quotes.
  return ` on resource: ${service.id === "s3" && !resource.startsWith("arn:aws:kms:") ? `"${resource}"` : resource}`;
}
