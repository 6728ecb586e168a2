/**
 * A type of Terraform's language: `"string"`, `["list", "string"]`, `["map", "string"]`, `["list", ["object", { ...
 * }]]`.
 */
export type TypeExpression =
  | string
  | readonly [kind: "list" | "set" | "map", of: TypeExpression]
  | readonly [kind: "object", of: Readonly<Record<string, TypeExpression>>];

export interface Attribute {
  readonly type?: TypeExpression;
  readonly nested_type?: { readonly attributes: Readonly<Record<string, Attribute>>; readonly nesting_mode: string };
  readonly optional?: boolean;
  readonly required?: boolean;
}

export interface Block {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly block_types?: Readonly<
    Record<string, { readonly block: Block; readonly nesting_mode: string; readonly max_items?: number }>
  >;
}

/** `terraform providers schema -json`, of one provider. */
export interface ProviderSchema {
  readonly resource_schemas: Readonly<Record<string, { readonly block: Block }>>;
}

/** Types that the bridge names in another way than by its rule. */
const renamed: Readonly<Record<string, string>> = {
  "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
  "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": "aws_ce_anomaly_monitor",
  "aws:costexplorer/anomalySubscription:AnomalySubscription": "aws_ce_anomaly_subscription",
};

/**
 * The type of Terraform's provider that a type of Pulumi's is made of.
 * @returns undefined where this version has none.
 */
export function terraformType({ resource_schemas }: ProviderSchema, token: string): string | undefined {
  const [, module = "", name = ""] = /^aws:([\w-]+)\/\w+:(\w+)$/.exec(token) ?? [];
  return [renamed[token], `aws_${module}${snake(name)}`, `aws${snake(name)}`].find(
    (one): one is string => one !== undefined && one in resource_schemas,
  );
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** How the bridge may spell one of Terraform's names: in camel case, and a list's in the plural. */
export function spellings(name: string): string[] {
  const camel = name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
  return [camel, `${camel}s`, camel.replace(/y$/, "ies"), camel.replace(/(s|x|ch|sh)$/, "$1es")];
}
