import assert from "node:assert/strict";
import { validate } from "../../../infra/settings/settings";
import { stackConfig } from "../../support/program";

const check = (changes: Readonly<Record<string, string>>, stack = "prod") =>
  validate(stack, { ...stackConfig(stack), ...changes });
const paths = (changes: Readonly<Record<string, string>>, stack?: string) =>
  check(changes, stack).problems.map(({ propertyPath }) => propertyPath);
const list = (...entries: string[]) => JSON.stringify(entries);

describe("settings of the workplace and of operations", () => {
  it("read people with their roles, and refuse what is none, all at once", () => {
    assert.deepEqual(
      check({ "peregrine:people": list("anna=data-scientist", "ben=ml-engineer") }).settings!.studio.people,
      [
        { name: "anna", role: "data-scientist" },
        { name: "ben", role: "ml-engineer" },
      ],
    );
    assert.deepEqual(
      paths({
        "peregrine:people": list("anna", "ben=boss", "-x=ml-engineer", "anna=ml-engineer", "anna=data-scientist"),
      }),
      [0, 1, 2].map((index) => `peregrine:people[${index}]`).concat("peregrine:people[4]"),
    );
  });

  it("know five roles of people, of which two work in Studio", () => {
    const people = [
      "anna=data-scientist",
      "ben=ml-engineer",
      "Cleo.Smith@example.org=approver",
      "dora=auditor",
      "emil=deployer",
    ];
    const { settings } = check({ "peregrine:people": list(...people) });
    assert.deepEqual(
      settings!.people.members.map(({ name, role }) => `${name}=${role}`),
      people,
    );
    assert.deepEqual(
      settings!.studio.people.map(({ name }) => name),
      ["anna", "ben"],
    );
  });

  it("refuse names that cannot be profiles, source identities, roles of experiments or folders, and people with two roles", () => {
    const { problems } = check({
      "peregrine:people": list(
        "Ben=ml-engineer",
        "a b=approver",
        "x=auditor",
        `${"a".repeat(40)}=data-scientist`,
        "shared=auditor",
        "cleo=approver",
        "CLEO=ml-engineer",
        "cleo=deployer",
      ),
    });
    assert.deepEqual(
      problems.map(
        ({ propertyPath, reason }) =>
          `${propertyPath.slice(16)} ${/profile of Studio|source identity|role of experiments|shared notebooks|occurs twice/.exec(reason)?.[0]}`,
      ),
      [
        "[0] profile of Studio",
        "[1] source identity",
        "[2] source identity",
        "[3] role of experiments",
        "[4] shared notebooks",
        "[6] profile of Studio",
        "[7] occurs twice",
      ],
    );
  });

  it("refuse sizes, idle times and instance types that Studio does not take", () => {
    assert.deepEqual(
      paths({
        "peregrine:studioInstanceType": "ml.t3.tiny",
        "peregrine:studioIdleMinutes": "30",
        "peregrine:studioSpaceGb": "1",
        "peregrine:studioPackageIndex": "http://plain.example.org",
      }).sort(),
      [
        "peregrine:studioIdleMinutes",
        "peregrine:studioInstanceType",
        "peregrine:studioPackageIndex",
        "peregrine:studioSpaceGb",
      ],
    );
  });

  it("want the address of an external MLflow, and of no other", () => {
    const external = { "peregrine:trackingMode": "external", "peregrine:networkMode": "nat" };
    assert.deepEqual(paths(external), ["peregrine:trackingUri"]);
    assert.deepEqual(paths({ "peregrine:trackingUri": "https://mlflow.example.org" }), ["peregrine:trackingUri"]);
    assert.deepEqual(paths({ ...external, "peregrine:trackingUri": "https://mlflow.example.org" }), []);
  });

  it("refuse an external MLflow where the network leads to AWS only", () => {
    const { problems } = check({
      "peregrine:trackingMode": "external",
      "peregrine:networkMode": "private",
      "peregrine:trackingUri": "https://mlflow.example.org",
    });
    assert.match(
      problems.map(({ propertyPath, reason }) => `${propertyPath} ${reason}`).join(),
      /^peregrine:trackingMode is external, but .*choose networkMode nat/,
    );
  });

  it("give private networks endpoints for further services, each once, and others none", () => {
    assert.deepEqual(check({ "peregrine:networkServices": list("ecr", "ssm") }).settings!.network.services, [
      "ecr",
      "ssm",
    ]);
    assert.deepEqual(paths({ "peregrine:networkServices": list("ecr", "ecr") }), ["peregrine:networkServices"]);
    assert.deepEqual(paths({ "peregrine:networkServices": list("s3") }), ["peregrine:networkServices[0]"]);
    assert.deepEqual(paths({ "peregrine:networkServices": list("ecr"), "peregrine:networkMode": "nat" }), [
      "peregrine:networkServices",
    ]);
  });

  it("offer Model Monitor to its existing customers only, and say what to do", () => {
    const { problems } = check({ "peregrine:monitoringMode": "managed" });
    assert.match(problems[0]!.reason, /closed to new customers.*self-hosted.*existingCustomerOf/);
    assert.deepEqual(
      paths({ "peregrine:monitoringMode": "managed", "peregrine:existingCustomerOf": list("model-monitor") }),
      [],
    );
    assert.deepEqual(paths({ "peregrine:existingCustomerOf": list("debugger") }), ["peregrine:existingCustomerOf[0]"]);
  });

  it("read the routing table of alerts", () => {
    const routes = check({
      "peregrine:alertRoutes": list(
        "detectors serving,model critical,warning mailto:d@example.org",
        "platform platform critical slack:T0123ABC/C0456DEF",
      ),
    }).settings!.alertRoutes;
    assert.deepEqual(routes, [
      {
        team: "detectors",
        areas: ["serving", "model"],
        severities: ["critical", "warning"],
        endpoint: { kind: "subscription", protocol: "email", endpoint: "d@example.org" },
      },
      {
        team: "platform",
        areas: ["platform"],
        severities: ["critical"],
        endpoint: { kind: "slack", workspaceId: "T0123ABC", channelId: "C0456DEF" },
      },
    ]);
  });

  it("refuse routes that lead nowhere, and areas with two teams", () => {
    assert.deepEqual(
      paths({
        "peregrine:alertRoutes": list(
          "a serving critical pigeon:loft",
          "Team serving critical mailto:d@example.org",
          "b serving urgent mailto:d@example.org",
        ),
      }),
      ["peregrine:alertRoutes[1]", "peregrine:alertRoutes[2]", "peregrine:alertRoutes[0]"],
    );
    const { problems } = check({
      "peregrine:alertRoutes": list(
        "a serving critical mailto:a@example.org",
        "b serving warning mailto:b@example.org",
      ),
    });
    assert.match(problems[0]!.reason, /gives serving to a and b/);
  });

  it("build images only where the repository is made", () => {
    assert.deepEqual(paths({ "peregrine:imageBuilds": "true" }), ["peregrine:imageBuilds"]);
    assert.deepEqual(paths({ "peregrine:imageBuilds": "true" }, "dev"), []);
  });

  it("trust exact repositories and branches", () => {
    assert.deepEqual(
      paths({
        "peregrine:ciRepository": "*/*",
        "peregrine:ciBranch": "release/*",
        "peregrine:ciOidcProviderArn": "github",
      }).sort(),
      ["peregrine:ciBranch", "peregrine:ciOidcProviderArn", "peregrine:ciRepository"],
    );
  });
});
