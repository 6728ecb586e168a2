/** How long an executive report looks back. */
export const reportKinds = ["week", "month"] as const;
export type ReportKind = (typeof reportKinds)[number];
