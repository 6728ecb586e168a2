import * as pulumi from "@pulumi/pulumi";
import { type Area, componentToken } from "../contract/tokens";
import type { Scope } from "./scope";

/**
 * Base of all components. Two laws hold for everything inside one: it is a child of the component, and its name starts
 * with the component's name, so that names are unique over the whole stack and say where a resource belongs.
 */
export abstract class Component extends pulumi.ComponentResource {
  /**
   * @param type last part of the type token, `peregrine:<area>:<Type>`.
   * @param label the component's logical name.
   */
  protected constructor(
    area: Area,
    type: string,
    protected readonly label: string,
    protected readonly scope: Scope,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super(
      componentToken(area, type),
      label,
      {},
      { ...options, transformations: [...(options.transformations ?? []), prefixLaw(label)] },
    );
  }

  /** The logical name of a child. */
  protected named(suffix: string): string {
    return `${this.label}-${suffix}`;
  }

  /** Options that make a resource a child of this component. */
  protected child(options: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
    return { ...options, parent: this };
  }
}

function prefixLaw(label: string): pulumi.ResourceTransformation {
  return ({ name, type }) => {
    if (name !== label && !name.startsWith(`${label}-`))
      throw new Error(
        `${type} is called "${name}" inside component "${label}": names of children start with "${label}-"`,
      );
    return undefined;
  };
}
