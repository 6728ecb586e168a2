import { experimentTag } from "../contract/variants";
import { blockOf, type Inputs } from "./inputs";

/** Whether an endpoint says that an experiment changed its variants. */
export function changedByExperiment(props: Inputs): boolean {
  return typeof blockOf(props, "tags")?.[experimentTag] === "string";
}
