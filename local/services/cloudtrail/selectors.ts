import type { Members } from "../../members";

/** A data event, as selectors see it. */
export interface DataEvent {
  readonly eventName: string;
  readonly readOnly: boolean;
  /** `AWS::S3::Object`. */
  readonly type: string;
  readonly arn: string;
}

/** What a field selector compares by, and the members that hold its values (CloudTrail API, AdvancedFieldSelector). */
const comparisons: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  Equals: (value, wanted) => value === wanted,
  StartsWith: (value, wanted) => value.startsWith(wanted),
  EndsWith: (value, wanted) => value.endsWith(wanted),
  NotEquals: (value, wanted) => value !== wanted,
  NotStartsWith: (value, wanted) => !value.startsWith(wanted),
  NotEndsWith: (value, wanted) => !value.endsWith(wanted),
};

/**
 * Whether a trail with these selectors records a data event: where one of them asks for it. Management selectors and
 * the default ask for none.
 */
export function asksFor(selectors: readonly Members[], event: DataEvent): boolean {
  return selectors.some((selector) =>
    selector.FieldSelectors ? advanced(selector.FieldSelectors as Members[], event) : classic(selector, event),
  );
}

/**
 * Whether a trail with these selectors records changes of the account: it does where it has none, and where one of them
 * asks for management events (CloudTrail API, EventSelector).
 */
export function asksForManagement(selectors: readonly Members[]): boolean {
  if (selectors.length === 0) return true;
  return selectors.some(({ FieldSelectors, IncludeManagementEvents = true, ReadWriteType = "All" }) =>
    FieldSelectors
      ? (FieldSelectors as Members[]).some(
          ({ Field, Equals = [] }) => Field === "eventCategory" && (Equals as string[]).includes("Management"),
        )
      : IncludeManagementEvents === true && ReadWriteType !== "ReadOnly",
  );
}

/**
 * All fields must hold; of a field's values one for what must be so, and every one for what must not (CloudTrail user
 * guide, "Advanced event selectors").
 */
function advanced(fields: readonly Members[], event: DataEvent): boolean {
  const values: Readonly<Record<string, string>> = {
    eventCategory: "Data",
    eventName: event.eventName,
    readOnly: String(event.readOnly),
    "resources.type": event.type,
    "resources.ARN": event.arn,
  };
  return fields.every(({ Field, ...conditions }) => {
    const value = values[String(Field)];
    if (value === undefined) return false;
    return Object.entries(comparisons).every(([name, holds]) => {
      const wanted = conditions[name] as string[] | undefined;
      if (!wanted?.length) return true;
      return name.startsWith("Not")
        ? wanted.every((one) => holds(value, one))
        : wanted.some((one) => holds(value, one));
    });
  });
}

/**
 * An event selector of the older kind names a type and the beginnings of ARNs, which know no SageMaker (CloudTrail API,
 * DataResource).
 */
function classic({ ReadWriteType = "All", DataResources = [] }: Members, event: DataEvent): boolean {
  if (ReadWriteType !== "All" && (ReadWriteType === "ReadOnly") !== event.readOnly) return false;
  return (DataResources as Members[]).some(
    ({ Type, Values = [] }) =>
      Type === event.type && (Values as string[]).some((arn) => event.arn.startsWith(arn.replace(/\/$/, ""))),
  );
}
