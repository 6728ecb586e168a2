import type { Rule } from "./rule";
import { datasetBucketReadOnly } from "./rules/dataset-bucket-read-only";
import { endpointMonitored } from "./rules/endpoint-monitored";
import { instanceAllowList } from "./rules/instance-allow-list";
import { monthlyPriceCeiling } from "./rules/monthly-price-ceiling";
import { noPublicOrUnencryptedBucket } from "./rules/no-public-or-unencrypted-bucket";
import { noWildcardPassRole } from "./rules/no-wildcard-pass-role";
import { requiredTags } from "./rules/required-tags";

/** All rules, in the order in which they report. */
export const rules: readonly Rule[] = [requiredTags, instanceAllowList, noPublicOrUnencryptedBucket, datasetBucketReadOnly, endpointMonitored, noWildcardPassRole, monthlyPriceCeiling];
