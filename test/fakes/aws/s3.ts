import type { Account, Bucket, Caller } from "./account.ts";
import { may } from "./account.ts";
import { AwsError, xml } from "./protocol.ts";

const xmlns = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const notEmptyPage = 1000;

export const findBucket = (accounts: Iterable<Account>, name: string): { bucket: Bucket; owner: Account } | null => {
  for (const owner of accounts) {
    const bucket = owner.buckets.get(name);
    if (bucket) return { bucket, owner };
  }
  return null;
};

let versions = 0;
export function putObject(bucket: Bucket, key: string, body: Uint8Array | null) {
  bucket.versions.push({ key, id: `v${++versions}`, body });
}

export const latest = (bucket: Bucket, key: string) =>
  bucket.versions.findLast((version) => version.key === key) ?? null;

/** The parts of S3 that we use, with path-style URLs. Every bucket is versioned. */
export function s3(accounts: Iterable<Account>, caller: Caller, request: Request, body: Uint8Array, region: string) {
  const { pathname, searchParams: query } = new URL(request.url);
  const [, name = "", ...rest] = pathname.split("/");
  const key = decodeURIComponent(rest.join("/"));
  const match = findBucket(accounts, name);
  if (!match) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
  const { bucket, owner } = match;
  const check = (action: string, target = bucket.name) => {
    if (owner !== caller.account || !may(caller, `s3:${action}`, `arn:aws:s3:::${target}`))
      throw new AwsError("AccessDenied", `User: ${caller.arn} is not authorized to perform: s3:${action}`, 403);
  };
  const about = { "x-amz-bucket-region": bucket.region };
  if (region !== bucket.region)
    return new Response(
      xml("Error", { Code: "PermanentRedirect", Message: "Use the region of this bucket.", Region: bucket.region }),
      {
        status: 301,
        headers: about,
      },
    );
  const object = `${bucket.name}/${key}`;

  if (request.method === "HEAD" && key === "") {
    check("ListBucket");
    return new Response(null, { headers: about });
  }
  if (request.method === "PUT" && key !== "") {
    check("PutObject", object);
    putObject(bucket, key, body);
    return new Response(null, { headers: { etag: '"0"' } });
  }
  if (request.method === "GET" && query.has("versions")) {
    check("ListBucketVersions");
    const newest = new Set([...new Map(bucket.versions.map((version) => [version.key, version.id])).values()]);
    const page = bucket.versions.slice(0, notEmptyPage).map((version) => ({
      name: version.body === null ? "DeleteMarker" : "Version",
      about: { Key: version.key, VersionId: version.id, IsLatest: newest.has(version.id), LastModified: new Date(0) },
    }));
    const rows = page.map((version) => xml(version.name, version.about)).join("");
    return document(
      `<ListVersionsResult${xmlns}>${xml("Name", bucket.name)}${xml("IsTruncated", bucket.versions.length > notEmptyPage)}${rows}</ListVersionsResult>`,
    );
  }
  if (request.method === "POST" && query.has("delete")) {
    const input = [
      ...new TextDecoder().decode(body).matchAll(/<Object><Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId><\/Object>/g),
    ];
    for (const [, version] of input) check("DeleteObjectVersion", `${bucket.name}/${version}`);
    const deleted = new Set(input.map(([, , id]) => id));
    bucket.versions = bucket.versions.filter(({ id }) => !deleted.has(id));
    return document(`<DeleteResult${xmlns}></DeleteResult>`);
  }
  if (request.method === "DELETE" && key !== "") {
    check("DeleteObject", object);
    // The bucket for templates is not versioned.
    bucket.versions = bucket.versions.filter((version) => version.key !== key);
    return new Response(null, { status: 204 });
  }
  throw new AwsError("NotImplemented", `this fake does not know ${request.method} ${pathname}`, 501);
}

const document = (text: string) =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>${text}`, { headers: { "content-type": "application/xml" } });
