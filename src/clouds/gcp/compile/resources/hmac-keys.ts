import type { HmacKey, Step } from "../../stack.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import { concat, type JsonObject, outputRef, project, type TextPart } from "../expressions.ts";
import { hmacKeyStepName } from "../step-names.ts";
import type { SecretRegistry } from "./secret-manager.ts";

/** Creates one HMAC key for all buckets of the app, owned by a service account without other roles. */
export function hmacKeysStep(compiled: CompiledResource[], secrets: SecretRegistry): Step[] {
  const hmacBuckets = compiled.filter((resource) => resource.hmacBucket);
  if (hmacBuckets.length === 0) return [];
  const { resources, keep } = secrets.hmacSecrets();
  const serviceAccount: JsonObject = {
    projectId: concat(project),
    serviceAccountEmail: concat(outputRef("accounts", "keys", "email")),
  };
  const accessId: TextPart = { key: "accessId" };
  const keyParams: JsonObject = { projectId: concat(project), accessId: concat(accessId) };
  const key: HmacKey = {
    id: "key",
    kind: "key",
    list: { api: "storage", method: "projects.hmacKeys.list", params: serviceAccount },
    create: { api: "storage", method: "projects.hmacKeys.create", params: serviceAccount },
    keep,
    remove: [
      { api: "storage", method: "projects.hmacKeys.update", params: keyParams, body: { state: "INACTIVE" } },
      { api: "storage", method: "projects.hmacKeys.delete", params: keyParams },
    ],
    tells: { accessId: "metadata.accessId" },
  };
  return [
    {
      name: hmacKeyStepName,
      title: "Key for its buckets",
      after: ["accounts", ...hmacBuckets.flatMap(({ steps = [] }) => steps.map(({ name }) => name))],
      resources: [...resources, key],
    },
  ];
}
