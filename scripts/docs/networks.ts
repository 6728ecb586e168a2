/** What the local cloud checks of networks: a section of docs/local-cloud.md. */
export function networkSection(): string[] {
  return [
    "## Networks",
    "",
    "A job, an endpoint, a function or a build that names subnets runs in their VPC, as far as it can be told from this machine: its role's session carries the place, so do sessions made with it,",
    "and each call is asked for its way before anything else. Networks are those that the Pulumi provider keeps, and the account's default VPC; those made by EC2's API directly are not known.",
    "",
    "| checked | how it fails |",
    "|---|---|",
    "| subnets and groups exist, and EC2 lets the role make interfaces on them (tags included) | a job's or endpoint's `FailureReason` in EC2's words; Lambda: *The provided execution role does not have permissions to call CreateNetworkInterface on EC2*; CodeBuild: `VPC_CLIENT_ERROR` |",
    "| a way to the service: an interface endpoint with private DNS (and a VPC that gives names), a gateway endpoint in the subnet's route table, or a default route to a NAT gateway that has a way out | the connection ends at once, where a client on AWS waits for its connect timeout. botocore says `ConnectionClosedError` there instead of `ConnectTimeoutError`; MLflow shows the line that was left on the connection. `npx peregrine local status` lists each service that was not reached, from where, and why (`unreached`) |",
    "| security groups let HTTPS pass on both sides: out to the endpoint's group, address or prefix list, in from the caller's | the same |",
    "| the endpoint's policy allows the call (actions of the called service only: not the role that it passes) | AWS's denial: *because no VPC endpoint policy allows the … action* |",
    "| `aws:SourceVpce`, `aws:SourceVpc`, `aws:VpcSourceIp` are there, `aws:SourceIp` is not; CloudTrail's record names the endpoint | as the policy says |",
    "| SageMaker's agent moves inputs, checkpoints, models, outputs and captured data through the VPC, also for isolated containers | jobs: *Data download failed:Please ensure that the subnet's route table has a route to an S3 VPC endpoint or a NAT device, …*; endpoints: *Failed to download model data from URL …* |",
    "| MLflow's data plane goes through `aws.sagemaker.<region>.mlflow` | the job's own words |",
    "| apps of a Studio domain in mode `VpcOnly` have ways to S3, `sagemaker.api`, `sagemaker.runtime` and `studio` | the app ends `Failed` |",
    "| an isolated job (`EnableNetworkIsolation`) has no credentials and nothing but its own loopback; an isolated model has no credentials | as any program without a network |",
    "| EC2 makes an endpoint only for a service that AWS offers, in one subnet a zone, with a name that is free, in a VPC that gives names, once in a route table | `InvalidServiceName`, `DuplicateSubnetsInSameZone`, `InvalidParameter`, `RouteAlreadyExists` |",
    "",
    "Believed, since AWS's texts leave it open: every subnet that is named must have the way (AWS chooses one); captured data goes through the model's VPC; logs, metrics and images never do; CodeBuild's agent reads source and",
    "parameters from inside, and writes its log from outside; that SageMaker tells refusals of EC2 in EC2's words; that an app without its ways ends `Failed`, and its words. Not looked at: network ACLs, peering, transit gateways, IPv6, endpoints' DNS names of their own",
    "(`vpce-….vpce.amazonaws.com`), and the internet itself: a container without a way out is kept from AWS's services here, not from other hosts of this machine's network.",
    "",
  ];
}
