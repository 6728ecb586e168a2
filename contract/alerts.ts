/** How soon somebody must act: at once, this working day, or never (for the record and for approvals). */
export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** What an alert is about; decides which team hears it. */
export const alertAreas = ["serving", "model", "platform"] as const;
export type AlertArea = (typeof alertAreas)[number];
