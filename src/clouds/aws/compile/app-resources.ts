import type { Resource as Needed, ResourceType } from "../../../app.ts";
import type { Value } from "../cloudformation.ts";
import type { Piece, Setting } from "./context.ts";
import type { Statement } from "./ecs/cluster.ts";
import type { logicalIds } from "./logical-ids.ts";
import { redis } from "./resources/elasticache.ts";
import { database } from "./resources/rds.ts";
import { bucket } from "./resources/s3.ts";

/** What a resource tells the app. What is hidden must only ever stand in a secret. */
export interface Output {
  value: Value;
  hidden?: boolean;
  /** The secret, and the key in it, where it is kept already. */
  stored?: { id: string; key: string };
}

/** A resource as part of the template. */
export interface Data extends Piece {
  needed: Needed;
  tells: Record<string, Output>;
  /** What the app's tasks may do with it. */
  mayUse?: Statement[];
}

const makers: Partial<Record<ResourceType, (setting: Setting, needed: Needed, id: string) => Omit<Data, "needed">>> = {
  postgres: database,
  mysql: database,
  redis,
  bucket,
};

/** Whether the stack makes such a resource; for the others the visitor is asked. */
export const isMade = (type: ResourceType): boolean => makers[type] !== undefined;

export const data = (setting: Setting, id: ReturnType<typeof logicalIds>): Data[] =>
  setting.app.resources.flatMap((needed) => {
    const make = makers[needed.type];
    return make ? [{ ...make(setting, needed, id("Data", needed.name)), needed }] : [];
  });
