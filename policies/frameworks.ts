import type { PolicyComplianceFramework } from "@pulumi/policy";

/** Frameworks of controls that our rules implement. */
export const wellArchitected = (reference: string, specification: string): PolicyComplianceFramework => ({
  name: "AWS Well-Architected Machine Learning Lens",
  version: "2025",
  reference,
  specification,
});

/** Controls of AWS Security Hub, for example `S3.5`. */
export const securityHub = (reference: string, specification: string): PolicyComplianceFramework => ({
  name: "AWS Foundational Security Best Practices",
  version: "1.0.0",
  reference,
  specification,
});

/** Functions and categories of the NIST AI Risk Management Framework, for example `GOVERN 1.1`. */
export const nistAi = (reference: string, specification: string): PolicyComplianceFramework => ({
  name: "NIST AI Risk Management Framework",
  version: "1.0",
  reference,
  specification,
});
