import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/component";
import { record } from "../support/mocks";
import { value } from "../support/outputs";
import { scopeOf } from "../support/scope";

class Probe extends Component {
  readonly topic: aws.sns.Topic;

  constructor(name: string, childName: string, options: pulumi.ComponentResourceOptions = {}) {
    super("alerts", "Probe", name, scopeOf("dev"), options);
    this.topic = new aws.sns.Topic(childName, {}, this.child());
    this.registerOutputs({});
  }
}

describe("components", () => {
  it("have a type token that names their area", async () => {
    await record("dev");
    assert.match(await value(new Probe("probe", "probe-topic").urn), /::peregrine:alerts:Probe::probe$/);
  });

  it("own their children", async () => {
    await record("dev");
    assert.match(
      await value(new Probe("probe", "probe-topic").topic.urn),
      /peregrine:alerts:Probe\$aws:sns\/topic:Topic::probe-topic$/,
    );
  });

  it("refuse a child whose name does not start with theirs", async () => {
    await record("dev");
    assert.throws(() => new Probe("probe", "topic"), /aws:sns\/topic:Topic is called "topic" inside component "probe"/);
    assert.throws(() => new Probe("probe", "probetopic"), /names of children start with "probe-"/);
  });
});
