import { createHash, createHmac } from "node:crypto";
import { AwsError } from "./protocol.ts";

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

export interface Signed {
  accessKeyId: string;
  region: string;
  service: string;
}

/** Returns the claimed signer of a request; null if unsigned. */
export function signerOf(request: Request): Signed | null {
  const [, accessKeyId, region, service] =
    request.headers
      .get("authorization")
      ?.match(/^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/([\w-]+)\/(\w+)\/aws4_request,/) ?? [];
  return accessKeyId && region && service ? { accessKeyId, region, service } : null;
}

/** Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
export function verifySignature(request: Request, body: Uint8Array, secretAccessKey: string, { service }: Signed) {
  const { authorization = "", ...headers } = Object.fromEntries(request.headers);
  const [, day = "", region = "", names = "", signature] =
    authorization.match(/\/(\d{8})\/([\w-]+)\/\w+\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/) ??
    [];
  const url = new URL(request.url);
  const path = url.pathname
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");
  const query = [...url.searchParams]
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort()
    .join("&");
  const hash = sha256(body);
  const claimed = headers["x-amz-content-sha256"] ?? hash;
  if (claimed !== hash && claimed !== "UNSIGNED-PAYLOAD")
    throw new AwsError("SignatureDoesNotMatch", "The body is not the one that was signed.", 403);
  const canonical = [
    request.method,
    path,
    query,
    ...names.split(";").map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}`),
    "",
    names,
    claimed,
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  if (hmac(key, text).toString("hex") !== signature)
    throw new AwsError(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
      403,
    );
}
