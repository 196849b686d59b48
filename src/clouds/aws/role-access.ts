import { type Access, OperationalError } from "../cloud.ts";
import type { TrustMethod } from "./dependencies.ts";

/** The role that a visitor grants us: it trusts us only while we act for this subject. */
export interface RoleAccess {
  way: TrustMethod;
  account: string;
  roleArn: string;
  subject: string;
}

/** Reads access as `connect` stored it. Throws an OperationalError once it has been wiped. */
export function parseAccess({ way, account, roleArn, subject }: Access): RoleAccess {
  if (account && roleArn && subject && (way === "oidc" || way === "role")) return { way, account, roleArn, subject };
  throw new OperationalError("Access to this account is no longer lent.", "Lend it again.");
}
