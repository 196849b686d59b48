import type { S3 } from "@aws-sdk/client-s3";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import { builtInSteps } from "../cloudformation.ts";
import type { AccountClients } from "./api/clients.ts";
import { hasErrorName } from "./api/retry.ts";
import type { RunContext } from "./run-context.ts";

/** Deletes every version of every object in the stack's buckets: CloudFormation deletes none that is not empty. */
export async function* emptyBuckets(
  { clients, ledger, signal, template }: RunContext,
  stackId: string,
): AsyncGenerator<DeploymentEvent> {
  for (const { id, bucket } of await listBuckets(clients, stackId, signal)) {
    if ((template.Resources[id]?.DeletionPolicy ?? "Delete") !== "Delete") continue;
    let deleted = 0;
    for (let deletedNow = 1; deletedNow > 0; deleted += deletedNow) {
      signal.throwIfAborted();
      deletedNow = await clients.s3((s3) => deletePage(s3, bucket), signal);
    }
    if (deleted > 0)
      yield ledger.lines(builtInSteps.stack, [`${id} emptied of ${deleted} ${deleted === 1 ? "object" : "objects"}`]);
  }
}

async function listBuckets(clients: AccountClients, stackId: string, signal: AbortSignal) {
  const buckets: { id: string; bucket: string }[] = [];
  let NextToken: string | undefined;
  do {
    const page = await clients.cloudformation(
      (cfn) => cfn.listStackResources({ StackName: stackId, NextToken }),
      signal,
    );
    for (const resource of page.StackResourceSummaries ?? [])
      if (resource.ResourceType === "AWS::S3::Bucket" && resource.ResourceStatus !== "DELETE_COMPLETE")
        if (resource.LogicalResourceId && resource.PhysicalResourceId)
          buckets.push({ id: resource.LogicalResourceId, bucket: resource.PhysicalResourceId });
    ({ NextToken } = page);
  } while (NextToken);
  return buckets;
}

/** Deletes one page of versions and delete markers, and returns how many. A missing bucket has none. */
async function deletePage(s3: S3, Bucket: string): Promise<number> {
  try {
    const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket });
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return 0;
    const { Errors = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
    const [first] = Errors;
    if (first)
      throw new OperationalError(
        `S3 does not delete ${first.Key} from ${Bucket}: ${first.Message}`,
        "Empty the bucket in the S3 console, then remove it again.",
      );
    return Objects.length;
  } catch (error) {
    if (hasErrorName(error, "NoSuchBucket")) return 0;
    throw error;
  }
}
