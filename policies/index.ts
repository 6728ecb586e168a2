import { PolicyPack } from "@pulumi/policy";
import { rules } from "./rules";

new PolicyPack("peregrine", { policies: [...rules], enforcementLevel: "mandatory" });
