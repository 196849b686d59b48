import type { Body } from "../discovery.ts";
import { invalid, notFound } from "../errors.ts";
import {
  type Call,
  canonical,
  createResource,
  deleteResource,
  getResource,
  type Handler,
  refuse,
  timestamp,
} from "../google.ts";
import { policyHandlers } from "../policies.ts";
import { freshEtag, listAt, textAt, valueAt } from "../project.ts";

const secretPolicies = policyHandlers((call) => getResource(call, call.params.resource ?? ""));
const secretOf = (call: Call, name: string) =>
  getResource(call, name, `Secret [${canonical(call.project, name)}] not found.`);
export const secretmanager: Record<string, Handler> = {
  "projects.secrets.create": (call) => {
    const { params, project, body, google } = call;
    const id = params.secretId ?? "";
    if (!/^[a-zA-Z0-9_-]{1,255}$/.test(id))
      refuse(invalid(`The provided Secret ID [${id}] does not match the expected format [[a-zA-Z_0-9]+]`));
    if (!valueAt(body, "replication.automatic") && !valueAt(body, "replication.userManaged"))
      refuse(invalid("Replication is required."));
    const name = `projects/${project.id}/secrets/${id}`;
    const fullName = `projects/${project.number}/secrets/${id}`;
    const secret = createResource(
      call,
      "secret",
      name,
      { ...body, name: fullName, createTime: timestamp(google.now()), etag: `"${freshEtag()}"` },
      { versions: [] },
    );
    return { ...secret.body };
  },
  "projects.secrets.get": (call) => ({ ...secretOf(call, call.params.name ?? "").body }),
  "projects.secrets.addVersion": (call) => {
    const secret = secretOf(call, call.params.parent ?? "");
    const data = textAt(call.body, "payload.data");
    if (data === "") refuse(invalid("Secret Payload cannot be empty."));
    if (Buffer.from(data, "base64").length > 65_536) refuse(invalid("Secret payload is larger than 65536 bytes."));
    const versions = listAt(secret.internal, "versions");
    versions.push(Buffer.from(data, "base64").toString("utf8"));
    return versionBody(secret.body, versions.length, call);
  },
  "projects.secrets.versions.list": (call) => {
    const secret = secretOf(call, call.params.parent ?? "");
    const versions = listAt(secret.internal, "versions").map((_, index) => versionBody(secret.body, index + 1, call));
    return { versions: versions.reverse(), totalSize: versions.length };
  },
  "projects.secrets.versions.get": (call) => {
    const [, name = "", number = ""] = /^(.*)\/versions\/(.*)$/.exec(call.params.name ?? "") ?? [];
    const secret = secretOf(call, name);
    const count = listAt(secret.internal, "versions").length;
    const requested = number === "latest" ? count : Number(number);
    if (requested < 1 || requested > count) refuse(notFound(`Secret Version [${call.params.name}] not found.`));
    return versionBody(secret.body, requested, call);
  },
  "projects.secrets.delete": (call) => {
    deleteResource(call, secretOf(call, call.params.name ?? "").name);
    return {};
  },
  "projects.secrets.getIamPolicy": secretPolicies.getIamPolicy,
  "projects.secrets.setIamPolicy": secretPolicies.setIamPolicy,
};
const versionBody = (secret: Body, number: number, { google }: Call): Body => ({
  name: `${secret.name}/versions/${number}`,
  createTime: timestamp(google.now()),
  state: "ENABLED",
  replicationStatus: { automatic: {} },
  etag: `"v${number}"`,
});
