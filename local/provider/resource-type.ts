import type { Members } from "../members";
import type { Renames } from "./mapping";
import type { Session } from "./session";
import type { Properties, Value } from "./values";

/** What a table entry may look at while a resource is created, read, changed or deleted. */
export interface Context {
  readonly session: Session;
  /** Inputs as checked: names filled in, `tags` merged with the provider's default tags. */
  readonly inputs: Properties;
  /** State from before (empty on create). */
  readonly state: Properties;
  /** Physical id ("" on create, until the first step has run). */
  readonly id: string;
}

/** One AWS operation of a resource's life, its request mapped from the inputs by the official service model. */
export interface Step {
  readonly operation: string;
  /** Renames of this operation, over those of the type. */
  readonly rename?: Renames;
  /** Inputs this step takes; all that the request knows when absent. */
  readonly only?: readonly string[];
  /** Runs on create only when one of these inputs is given, on update only when one of them changed. */
  readonly when?: readonly string[];
  /** Decides beyond `when`. */
  readonly if?: (context: Context) => boolean;
  /** On deletion: the code of an error that the provider only logs, and then forgets the resource. */
  readonly tolerates?: string;
  /** Members beyond the mapping, put over what was mapped; undefined takes a member out. */
  readonly request?: (context: Context, mapped: Members) => Members | Promise<Members>;
  /** Inputs that become entries of a map of strings named `Attributes` (SNS, SQS): input -> attribute. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Waits until `member` of the read operation's answer has a wanted value. */
export interface Waiter {
  readonly member: string;
  readonly until: readonly string[];
  readonly failed: readonly string[];
  /** Member that says why it failed. */
  readonly reason?: string;
  readonly timeoutMinutes: number;
}

/** A resource type with behaviour: how its life maps to AWS operations. */
export interface ResourceType {
  /** `aws:sagemaker/model:Model` */
  readonly token: string;
  /** botocore's folder name of the service. */
  readonly service: string;
  /** As Terraform's messages name it: "SageMaker Model". */
  readonly title: string;
  /** Input that names the resource, and how a name is made when it is absent. */
  readonly name?: {
    readonly property: string;
    /** Most characters AWS takes. */
    readonly limit: number;
    readonly prefix?: string;
    readonly suffix?: (inputs: Properties) => string;
    /** Not made up when absent: the input is required. */
    readonly required?: boolean;
    readonly lowerCase?: boolean;
  };
  readonly rename?: Renames;
  /** Inputs that no AWS operation takes: they steer the provider itself. */
  readonly local?: readonly string[];
  /** Inputs that force a new resource when they change; "all" (but tags and `local`) where AWS knows no update. */
  readonly replace: readonly string[] | "all";
  readonly required?: readonly string[];
  readonly defaults?: Properties;
  readonly create: readonly Step[];
  /** Steps of an update. Absent: the create steps run again (Put operations). */
  readonly update?: readonly Step[];
  readonly read?: Step & { readonly result?: (answer: Members, context: Context) => Members | undefined };
  /** Steps of deletion. Answers that say "not there" count as done. */
  readonly delete: readonly Step[] | ((context: Context) => Promise<void>);
  readonly id: (answer: Members, context: Context) => string;
  /** Inputs that an id stands for, for import and `.get`. */
  readonly fromId?: (id: string, session: Session) => Properties;
  /** Computed outputs, from the answer of create (first step) or read, and the inputs. */
  readonly outputs?: (answer: Members, context: Context) => Readonly<Record<string, Value | undefined>>;
  /** Outputs that are unknown again in the preview of an update. */
  readonly changing?: readonly string[];
  readonly wait?: Waiter;
  readonly waitDeleted?: { readonly timeoutMinutes: number };
  /** How tags are changed; `identity` is the request's member for the resource and where its value comes from. */
  readonly tags?: {
    readonly add: string;
    readonly remove: string;
    readonly identity: (context: Context) => Members;
    /** Create takes no tags: add them after it. */ readonly after?: boolean;
  };
  /** Checks beyond required inputs: input -> what is wrong. */
  readonly check?: (inputs: Properties) => Readonly<Record<string, string>>;
}
