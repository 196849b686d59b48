import type { Resource as Needed, ResourceType } from "../../../app.ts";
import type { Value } from "../cloudformation.ts";
import type { CompileContext, TemplateFragment } from "./context.ts";
import type { Statement } from "./ecs/cluster.ts";
import type { logicalIds } from "./logical-ids.ts";
import { redis } from "./resources/elasticache.ts";
import { database } from "./resources/rds.ts";
import { bucket } from "./resources/s3.ts";

/** What a resource tells the app. What is hidden must only ever stand in a secret. */
export interface Output {
  value: Value;
  sensitive?: boolean;
  /** The secret, and the key in it, where it is kept already. */
  secretRef?: { id: string; key: string };
}

/** A resource as part of the template. */
export interface CompiledResource extends TemplateFragment {
  needed: Needed;
  tells: Record<string, Output>;
  /** What the app's tasks may do with it. */
  mayUse?: Statement[];
}

const makers: Partial<
  Record<ResourceType, (setting: CompileContext, needed: Needed, id: string) => Omit<CompiledResource, "needed">>
> = {
  postgres: database,
  mysql: database,
  redis,
  bucket,
};

/** Whether the stack makes such a resource; for the others the visitor is asked. */
export const isManaged = (type: ResourceType): boolean => makers[type] !== undefined;

export const compileResources = (setting: CompileContext, id: ReturnType<typeof logicalIds>): CompiledResource[] =>
  setting.app.resources.flatMap((needed) => {
    const make = makers[needed.type];
    return make ? [{ ...make(setting, needed, id("Data", needed.name)), needed }] : [];
  });
