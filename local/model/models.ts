import { randomUUID } from "node:crypto";
import type { Members } from "../members";
import { AwsError } from "../errors";
import { findModels, readModel } from "./botocore";
import type { ServiceModels } from "./service-models";
import type { ServiceModel } from "./shapes";
import { Validators } from "./validate";

export interface BotocoreOptions {
  /** botocore's data folder; searched for in `venv` when not given. */
  readonly modelsDir?: string;
  readonly venv?: string;
}

/** Service models as botocore ships them. */
export class BotocoreModels implements ServiceModels {
  private readonly dataDir: string;
  private readonly services = new Map<string, ServiceModel | undefined>();
  private readonly validators = new Map<string, Validators>();

  constructor(options: BotocoreOptions = {}) {
    this.dataDir = findModels(options.modelsDir, options.venv);
  }

  has(service: string): boolean {
    return this.find(service) !== undefined;
  }

  service(service: string): ServiceModel {
    const model = this.find(service);
    if (!model) throw new Error(`botocore has no service model named ${service}`);
    return model;
  }

  validate(service: string, operation: string, input: Members, lenient: boolean): string[] {
    let validators = this.validators.get(service);
    if (!validators) this.validators.set(service, (validators = new Validators()));
    const model = this.service(service);
    const shape = model.operation(operation)?.input?.shape;
    if (!shape) return [];
    if (!lenient)
      for (const member of shape.members)
        if (member.idempotencyToken && member.required) input[member.name] ??= randomUUID();
    const problems = validators.check(shape, input, lenient);
    if (problems.failures.length > 0) throw new AwsError(validationCode(model), aggregate(problems.failures));
    return problems.unknown;
  }

  private find(service: string): ServiceModel | undefined {
    if (!this.services.has(service)) this.services.set(service, readModel(this.dataDir, service));
    return this.services.get(service);
  }
}

/** AWS's frameworks answer all constraint failures at once. */
function aggregate(failures: readonly string[]): string {
  return `${failures.length} validation error${failures.length === 1 ? "" : "s"} detected: ${failures.join("; ")}`;
}

/**
 * Query services and the SageMaker runtime say `ValidationError`, services of the JSON protocols `ValidationException`.
 */
function validationCode(model: ServiceModel): string {
  const { protocol, protocols } = model.metadata;
  const query = protocol === "query" || protocol === "ec2" || protocols?.includes("query");
  return query || model.id === "sagemaker-runtime" ? "ValidationError" : "ValidationException";
}
