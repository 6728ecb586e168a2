import { evidenceOf } from "../../read-model/facts";
import { total } from "../../read-model/series";
import { type Money, usd } from "../amount";
import { daysOf } from "../period";
import type { RecommendationRule } from "../rule";

/** Instances that nobody asks anything are paid all the same. */
export const idleEndpoint: RecommendationRule = {
  name: "idle-endpoint",
  when: "An endpoint is in service and got no request in the whole period, which is a week or more.",
  area: "platform",
  reads: ["serving", "metrics"],
  find: ({ name, serving, metrics, price }, { facts: { period, platform } }) => {
    if ("unread" in serving || "unread" in metrics) return [];
    if (serving.value.endpoint?.status !== "InService" || total(metrics.value.requests) > 0) return [];
    // A platform that is younger than the period may only wait for its first client.
    const days = daysOf({ ...period, start: platform.window.start });
    if (days < leastDays) return [];
    const priced = "unread" in price ? [] : price.value.resources.filter(({ type }) => type === endpointType);
    const monthlyUsd = priced.reduce((sum, one) => sum + one.monthlyUsd, 0);
    const command = `npx peregrine cost plan --stack ${name} --state`;
    const value: Money =
      priced.length > 0
        ? {
            usd: monthlyUsd,
            range: [0, monthlyUsd],
            how: `${usd(monthlyUsd)} a month for the endpoint; nothing where it must stay ready`,
          }
        : { unknown: "the endpoint has no price in the state", command };
    return [
      {
        subject: "endpoint",
        severity: "info",
        action: `Switch the endpoint of ${name} off at night, or tear the environment down.`,
        command: `pulumi config set peregrine:nights off --stack ${name}`,
        why: `The endpoint got no request in ${days} days.`,
        evidence: [evidenceOf(serving), { what: metrics.value.requests.query }],
        value,
        cost: "one update of the stack",
        risk: "At night nobody is answered; the endpoint takes minutes to come back.",
        confidence: "measured",
      },
    ];
  },
};

const leastDays = 7;
const endpointType = "aws:sagemaker/endpoint:Endpoint";
