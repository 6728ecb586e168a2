/**
 * Types that cost nothing by themselves, with the reason. What ends with a slash stands for all types of a service.
 * A type that is neither here nor priced is an error: nobody has looked at it yet.
 */
export const freeTypes: Readonly<Record<string, string>> = {
  "aws:iam/": "IAM and STS have no charge, identity providers for CI included",
  "aws:appautoscaling/": "scaling has no charge; the instances are priced with the endpoint",
  "aws:costexplorer/": "anomaly detection and cost-allocation tags have no charge",
  "aws:resourcegroups/": "resource groups have no charge",
  "aws:chatbot/": "messages in chat channels have no charge",

  "aws:budgets/budget:Budget": "budgets without actions have no charge",
  "aws:kms/alias:Alias": "priced with the key",
  "aws:kms/keyPolicy:KeyPolicy": "priced with the key",
  "aws:kms/grant:Grant": "priced with the key",

  "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration": "priced with what goes through it",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "expiration has no charge",
  "aws:s3/bucketLogging:BucketLogging": "the logs are priced with the bucket that takes them",
  "aws:s3/bucketNotification:BucketNotification": "has no charge",
  "aws:s3/bucketObject:BucketObject": "priced with the bucket",
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": "has no charge",
  "aws:s3/bucketObjectv2:BucketObjectv2": "priced with the bucket",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "has no charge",
  "aws:s3/bucketPolicy:BucketPolicy": "has no charge",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "has no charge",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    "requests are priced with the key",
  "aws:s3/bucketVersioning:BucketVersioning": "old versions are priced with the bucket",
  "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": "has no charge",

  "aws:ec2/vpc:Vpc": "networks have no charge",
  "aws:ec2/subnet:Subnet": "networks have no charge",
  "aws:ec2/routeTable:RouteTable": "networks have no charge",
  "aws:ec2/route:Route": "networks have no charge",
  "aws:ec2/routeTableAssociation:RouteTableAssociation": "networks have no charge",
  "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": "networks have no charge",
  "aws:ec2/internetGateway:InternetGateway": "has no charge",
  "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": "has no charge",
  "aws:ec2/securityGroup:SecurityGroup": "has no charge",
  "aws:ec2/securityGroupRule:SecurityGroupRule": "has no charge",
  "aws:ec2/networkAcl:NetworkAcl": "has no charge",
  "aws:ec2/networkAclRule:NetworkAclRule": "has no charge",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "has no charge",
  "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": "has no charge",
  "aws:ec2/defaultRouteTable:DefaultRouteTable": "has no charge",
  "aws:ec2/defaultVpc:DefaultVpc": "networks have no charge",
  "aws:ec2/defaultSubnet:DefaultSubnet": "networks have no charge",
  "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "priced with the endpoint",
  "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": "gateway endpoints have no charge",
  "aws:ec2/securityGroupAssociation:SecurityGroupAssociation": "priced with the endpoint",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "has no charge",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "has no charge",

  "aws:cloudwatch/eventRule:EventRule":
    "AWS events on the default bus have no charge; custom events are priced with their bus",
  "aws:cloudwatch/eventTarget:EventTarget": "priced with the target",
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "priced with the bus",
  "aws:cloudwatch/eventPermission:EventPermission": "priced with the bus",
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "has no charge",
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": "priced with the target",
  "aws:cloudwatch/queryDefinition:QueryDefinition": "stored queries have no charge; running one has",
  "aws:scheduler/scheduleGroup:ScheduleGroup": "priced with the schedules",
  "aws:sns/topicPolicy:TopicPolicy": "has no charge",
  "aws:sqs/queuePolicy:QueuePolicy": "has no charge",
  "aws:sqs/redrivePolicy:RedrivePolicy": "has no charge",
  "aws:lambda/permission:Permission": "has no charge",
  "aws:lambda/functionUrl:FunctionUrl": "requests are priced with the function",
  "aws:lambda/eventSourceMapping:EventSourceMapping":
    "polling of queues is priced with the queue, calls with the function",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "priced with the function",
  "aws:codebuild/webhook:Webhook": "priced with the builds",
  "aws:codebuild/sourceCredential:SourceCredential": "has no charge",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": "has no charge",
  "aws:ecr/repositoryPolicy:RepositoryPolicy": "has no charge",
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": "basic scanning has no charge",

  "aws:sagemaker/model:Model": "priced with the endpoint that runs it",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "priced with the endpoint that runs it",
  "aws:sagemaker/modelPackageGroup:ModelPackageGroup":
    "the registry has no charge; archives are priced with the bucket",
  "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "the registry has no charge",
  "aws:sagemaker/mlflowApp:MlflowApp":
    "serverless MLflow has no charge (AWS News Blog, December 2025: offered at no additional cost); artifacts are priced with the bucket",
  "aws:sagemaker/domain:Domain": "Studio has no charge; its spaces and apps have",
  "aws:sagemaker/userProfile:UserProfile": "a person's notebooks are priced with their spaces",
  "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig": "has no charge",
  "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration": "has no charge",
  "aws:sagemaker/appImageConfig:AppImageConfig": "has no charge",
  "aws:sagemaker/image:Image": "priced with the image repository",
  "aws:sagemaker/imageVersion:ImageVersion": "priced with the image repository",
  "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": "priced with the schedule that runs it",
  "aws:sagemaker/servicecatalogPortfolioStatus:ServicecatalogPortfolioStatus": "has no charge",
};

/** Why a type costs nothing by itself; undefined when it is not in the list. */
export function whyFree(type: string): string | undefined {
  return freeTypes[type] ?? freeTypes[type.slice(0, type.indexOf("/") + 1)];
}
