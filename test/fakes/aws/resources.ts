import { createHash } from "node:crypto";
import type { Account } from "./account.ts";
import type { Policy } from "./policy.ts";
import { AwsError } from "./protocol.ts";

type Properties = Record<string, unknown>;

/** Creation times in seconds; all other types take five. */
const secondsByType: Record<string, number> = {
  "AWS::RDS::DBInstance": 420,
  "AWS::ElastiCache::ReplicationGroup": 480,
  "AWS::CloudFront::Distribution": 300,
  "AWS::ElasticLoadBalancingV2::LoadBalancer": 150,
  "AWS::ECS::Service": 180,
  "AWS::EC2::NatGateway": 120,
};
export const creationSeconds = (type: string) => secondsByType[type] ?? (type.startsWith("Custom::") ? 240 : 5);

/** Returns a resource's physical id: its own name, or one that CloudFormation generates. */
export function physicalIdOf(
  type: string,
  properties: Properties,
  stack: string,
  id: string,
  region: string,
  account: string,
): string {
  const customName = ["RoleName", "BucketName", "ManagedPolicyName"].map((key) => properties[key]).find(Boolean);
  const generatedName = `${stack}-${id}-${[...`${stack}${id}`]
    .reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) >>> 0, 7)
    .toString(36)
    .toUpperCase()}`;
  const name = `${customName ?? generatedName}`;
  switch (type) {
    case "AWS::S3::Bucket":
      return name.toLowerCase().slice(0, 63);
    case "AWS::IAM::ManagedPolicy":
      return `arn:aws:iam::${account}:policy/${name}`;
    case "AWS::IAM::OIDCProvider":
      return `arn:aws:iam::${account}:oidc-provider/${new URL(`${properties.Url}`).host}`;
    case "AWS::SecretsManager::Secret":
      return `arn:aws:secretsmanager:${region}:${account}:secret:${id}-AbCdEf`;
    case "AWS::ECS::TaskDefinition":
      return `arn:aws:ecs:${region}:${account}:task-definition/${name}:1`;
    case "AWS::CodeBuild::Project":
      return `${properties.Name ?? name}`;
    default:
      return name.slice(0, 128);
  }
}

/** The service and resource prefix of each type's ARN. */
const arnResourceTypes: Record<string, string> = {
  "AWS::ECS::Cluster": "ecs cluster/",
  "AWS::Lambda::Function": "lambda function:",
  "AWS::Logs::LogGroup": "logs log-group:",
  "AWS::ECR::Repository": "ecr repository/",
  "AWS::CodeBuild::Project": "codebuild project/",
};

export const attributeOf = (
  type: string,
  physical: string,
  attribute: string,
  account: string,
  region: string,
): string => {
  if (attribute === "Arn") {
    if (physical.startsWith("arn:")) return physical;
    if (type === "AWS::IAM::Role") return `arn:aws:iam::${account}:role/${physical}`;
    if (type === "AWS::S3::Bucket") return `arn:aws:s3:::${physical}`;
    const kind = arnResourceTypes[type];
    if (kind)
      return `arn:aws:${kind.split(" ")[0]}:${region}:${account}:${kind.split(" ")[1]}${physical}${type.includes("Logs") ? ":*" : ""}`;
    return `arn:aws:${type.split("::")[1]?.toLowerCase()}:${region}:${account}:${physical}`;
  }
  if (type === "AWS::CloudFront::Distribution" && attribute === "DomainName")
    return `d${createHash("sha256").update(physical).digest("hex").slice(0, 13)}.cloudfront.net`;
  if (/DomainName|DNSName|Endpoint|Address/.test(attribute))
    return `${physical.toLowerCase()}.${attribute.toLowerCase().replaceAll(".", "-")}.example.com`;
  if (/Port/.test(attribute)) return "5432";
  return `${physical}.${attribute}`;
};

/** Creates a resource in the account. Throws the service's own error. */
export function createResource(
  account: Account,
  type: string,
  physical: string,
  properties: Properties,
  region: string,
) {
  const exists = (name: string) =>
    new AwsError("AlreadyExists", `${name} already exists (Service: ${type.split("::")[1]}, Status Code: 409)`);
  if (account.resources.has(physical)) throw exists(physical);
  switch (type) {
    case "AWS::IAM::User":
    case "AWS::IAM::Role":
      account.roles.set(physical, {
        name: physical,
        arn: `arn:aws:iam::${account.id}:${type === "AWS::IAM::Role" ? "role" : "user"}/${physical}`,
        trust: properties.AssumeRolePolicyDocument as Policy,
        inline: ((properties.Policies ?? []) as { PolicyDocument: Policy }[]).map(
          ({ PolicyDocument }) => PolicyDocument,
        ),
        managed: (properties.ManagedPolicyArns ?? []) as string[],
        boundary: (properties.PermissionsBoundary as string | undefined) || null,
      });
      break;
    case "AWS::IAM::Policy":
      for (const role of properties.Roles as string[])
        account.roles.get(role)?.inline.push(properties.PolicyDocument as Policy);
      break;
    case "AWS::IAM::ManagedPolicy":
      account.policies.set(physical, properties.PolicyDocument as Policy);
      break;
    case "AWS::IAM::OIDCProvider":
      account.providers.set(physical, { url: `${properties.Url}`, audiences: properties.ClientIdList as string[] });
      break;
    case "AWS::S3::Bucket":
      account.buckets.set(physical, { name: physical, region, versions: [] });
      break;
  }
  account.resources.set(physical, type);
}

/** Deletes a resource. Throws the service's own error. */
export function deleteResource(account: Account, type: string, physical: string, properties: Properties) {
  const bucket = account.buckets.get(physical);
  if (bucket && bucket.versions.length > 0)
    throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty (Service: S3, Status Code: 409)");
  if (type === "AWS::ECR::Repository" && properties.EmptyOnDelete !== true)
    throw new AwsError(
      "RepositoryNotEmpty",
      `The repository with name '${physical}' in registry with id '${account.id}' cannot be deleted because it still contains images`,
    );
  if (properties.DeletionProtection === true)
    throw new AwsError(
      "InvalidParameterCombination",
      "Cannot delete protected DB Instance, please disable deletion protection and try again. (Service: Rds, Status Code: 400)",
    );
  if (
    JSON.stringify(properties.LoadBalancerAttributes ?? []).includes(
      '{"Key":"deletion_protection.enabled","Value":"true"}',
    )
  )
    throw new AwsError(
      "OperationNotPermitted",
      `Load balancer '${physical}' cannot be deleted because deletion protection is enabled`,
    );
  for (const kind of [account.roles, account.policies, account.providers, account.buckets]) kind.delete(physical);
  account.resources.delete(physical);
}
