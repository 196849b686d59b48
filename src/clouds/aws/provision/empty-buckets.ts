import type { S3 } from "@aws-sdk/client-s3";
import { type DeploymentEvent, OperationalError } from "../../cloud.ts";
import { builtInSteps } from "../cloudformation.ts";
import type { AccountClients } from "./api/clients.ts";
import { hasErrorName } from "./api/retry.ts";
import type { RunContext } from "./run-context.ts";

/** Deletes every version of every object in the stack's buckets: CloudFormation deletes none that is not empty. */
export async function* emptyBuckets(
  { account, ledger: book, signal: stop, template }: RunContext,
  stackId: string,
): AsyncGenerator<DeploymentEvent> {
  for (const { id, bucket } of await bucketsOf(account, stackId, stop)) {
    if ((template.Resources[id]?.DeletionPolicy ?? "Delete") !== "Delete") continue;
    let gone = 0;
    for (let some = 1; some > 0; gone += some) {
      stop.throwIfAborted();
      some = await account.s3((s3) => deleteSome(s3, bucket), stop);
    }
    if (gone > 0)
      yield book.lines(builtInSteps.stack, [`${id} emptied of ${gone} ${gone === 1 ? "object" : "objects"}`]);
  }
}

async function bucketsOf(account: AccountClients, stackId: string, stop: AbortSignal) {
  const buckets: { id: string; bucket: string }[] = [];
  let NextToken: string | undefined;
  do {
    const page = await account.cloudformation((cfn) => cfn.listStackResources({ StackName: stackId, NextToken }), stop);
    for (const one of page.StackResourceSummaries ?? [])
      if (one.ResourceType === "AWS::S3::Bucket" && one.ResourceStatus !== "DELETE_COMPLETE")
        if (one.LogicalResourceId && one.PhysicalResourceId)
          buckets.push({ id: one.LogicalResourceId, bucket: one.PhysicalResourceId });
    ({ NextToken } = page);
  } while (NextToken);
  return buckets;
}

/** One page of versions and delete markers; how many there were. A bucket that is gone has none. */
async function deleteSome(s3: S3, Bucket: string): Promise<number> {
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
