import { randomUUID } from "node:crypto";
import type { Body } from "./discovery.ts";
import { notFound } from "./errors.ts";
import { type Call, canonical, type Handler, refuse } from "./google.ts";
import { shown } from "./operations.ts";

export function begin(api: string, call: Call, parent: string, seconds: number, settle: () => Body): Body {
  const { google, project } = call;
  const name = `${parent}${parent === "" ? "" : "/"}operations/${randomUUID()}`;
  return shown(google.operations.start({ api, project: project.id, name, seconds, settle }));
}

export function operationOf(api: string): Handler {
  return (call) => {
    const name = call.params.name ?? "";
    const operation = call.google.operations.find(api, call.project ? canonical(call.project, name) : name);
    return operation ? shown(operation) : refuse(notFound(`Operation ${name} not found`));
  };
}
