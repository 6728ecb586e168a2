/** The one account, in the one region, that the local cloud stands for. */
export interface Account {
  readonly region: string;
  readonly accountId: string;
  /** The ARN of a resource of a service here. */
  arn(service: string, resource: string): string;
}
