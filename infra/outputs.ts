import type * as pulumi from "@pulumi/pulumi";
import type { StackOutputs } from "../contract/outputs";

/** The stack's outputs before their values are known; one that is missing is a compile error. */
export type PlatformOutputs = {
  readonly [Name in keyof StackOutputs]: StackOutputs[Name] extends string | undefined
    ? pulumi.Input<NonNullable<StackOutputs[Name]>>
    : { readonly [Key in keyof StackOutputs[Name]]: pulumi.Input<StackOutputs[Name][Key]> };
};
