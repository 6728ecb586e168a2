import { stackConfig } from "../../automation/stack/stack-config";

/** The dataset bucket as the stack files name it. */
export const datasetBucket = stackConfig("dev")["peregrine:datasetBucket"]!;
