import type { HmacKey, Step } from "../../stack.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import { concat, type JsonObject, outputRef, project, type TextPart } from "../expressions.ts";
import { hmacKeyStepName } from "../step-names.ts";
import type { SecretRegistry } from "./secret-manager.ts";

/** A key for all the buckets of the app, of an account that may do nothing else. */
export function hmacKeysStep(all: CompiledResource[], keeper: SecretRegistry): Step[] {
  const keyed = all.filter((one) => one.hmacBucket);
  if (keyed.length === 0) return [];
  const { resources, secretFor: keep } = keeper.hmacSecrets();
  const holder: JsonObject = {
    projectId: concat(project),
    serviceAccountEmail: concat(outputRef("accounts", "keys", "email")),
  };
  const accessId: TextPart = { key: "accessId" };
  const one: JsonObject = { projectId: concat(project), accessId: concat(accessId) };
  const key: HmacKey = {
    id: "key",
    kind: "key",
    list: { api: "storage", method: "projects.hmacKeys.list", params: holder },
    create: { api: "storage", method: "projects.hmacKeys.create", params: holder },
    keep,
    remove: [
      { api: "storage", method: "projects.hmacKeys.update", params: one, body: { state: "INACTIVE" } },
      { api: "storage", method: "projects.hmacKeys.delete", params: one },
    ],
    tells: { accessId: "metadata.accessId" },
  };
  return [
    {
      name: hmacKeyStepName,
      title: "Key for its buckets",
      after: ["accounts", ...keyed.flatMap(({ steps = [] }) => steps.map(({ name }) => name))],
      resources: [...resources, key],
    },
  ];
}
