import { accountsSettings } from "./accounts";
import { alertsSettings } from "./alerts";
import { auditSettings } from "./audit";
import { businessSettings } from "./business";
import { ciSettings } from "./ci";
import { costSettings } from "./cost";
import { dataSettings } from "./data";
import { deliverySettings } from "./delivery";
import { documentSettings } from "./documents";
import { experimentSettings } from "./experiments";
import { frontDoorSettings } from "./front-door";
import { imageSettings } from "./image";
import { monitoringSettings } from "./monitoring";
import { networkSettings } from "./network";
import { ownershipSettings } from "./ownership";
import { peopleSettings } from "./people";
import { remediationSettings } from "./remediation";
import { reportSettings } from "./report";
import { retrainingSettings } from "./retraining";
import { servingSettings } from "./serving";
import type { Values } from "./setting";
import { studioSettings } from "./studio";
import { trackingSettings } from "./tracking";
import { trainingSettings } from "./training";

/** All settings of Peregrine, by area, in the order of `Pulumi.yaml`. */
export const areas = {
  "Who pays, and where": ownershipSettings,
  Data: dataSettings,
  Accounts: accountsSettings,
  Network: networkSettings,
  Audit: auditSettings,
  Cost: costSettings,
  "The container image": imageSettings,
  Training: trainingSettings,
  Serving: servingSettings,
  "The front door": frontDoorSettings,
  Delivery: deliverySettings,
  "What is stated of models": documentSettings,
  Experiments: experimentSettings,
  People: peopleSettings,
  Studio: studioSettings,
  "Experiment tracking": trackingSettings,
  "Monitoring of what the endpoint sees and says": monitoringSettings,
  "What it is worth": businessSettings,
  Retraining: retrainingSettings,
  "Events and alerts": alertsSettings,
  "The executive report": reportSettings,
  Remediation: remediationSettings,
  "Continuous integration": ciSettings,
} as const;

type Area = (typeof areas)[keyof typeof areas];
type Together<Part> = (Part extends unknown ? (part: Part) => void : never) extends (all: infer All) => void
  ? All
  : never;
type Declared = Together<Area>;

/** Every setting by its name, without the namespace. */
export const declared = Object.assign({}, ...Object.values(areas)) as Declared;

/** What the settings are set to, each by itself. */
export type AllValues = Values<Declared>;
