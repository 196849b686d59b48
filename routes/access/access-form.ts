import type { Context } from "hono";
import {
  type Access,
  type AccessField,
  type AccessMethod,
  type AccessQuestions,
  type Cloud,
  OperationalError,
} from "../../src/clouds/cloud.ts";
import type { Plan } from "../../src/plan.ts";
import type { Note } from "../../src/result.ts";
import type { AppContext } from "../app-context.ts";
import { getAccessCookie } from "./access-cookie.ts";
import { getVisitorKey } from "./visitor-cookie.ts";

type Needs = Pick<AppContext, "seal" | "now" | "config">;

/** Where access to a cloud is asked for. */
interface Here {
  /** What was typed about access; what is secret is asked for again. */
  lent: Record<string, unknown>;
  problems: Note[];
  /** This page, to come back to. */
  to: string;
  /** What is to be made there; absent: it is there already, and only where is asked. */
  plan?: Plan;
  /** What was lent in this browser is known to have ended. */
  lapsed?: boolean;
}

/** How access to a cloud is lent: what is asked with what was typed, secrets aside, and what is wrong with it. */
export async function accessForm(
  c: Context,
  needs: Needs,
  { id, connect }: Cloud,
  { lent, problems, to, plan, lapsed }: Here,
) {
  const shown = (fields: AccessField[]) => fields.map((field) => filledIn(field, lent, problems));
  const plain = plan ? (connect.fields ?? []) : placed(connect);
  const lender = {
    id,
    needsNoAccess: connect.kind === "none",
    explain: connect.unavailableReason ?? connect.summary,
    unavailable: connect.unavailableReason !== undefined,
    page: connect.setupPath,
  };
  if (!connect.consent) return { ...lender, fields: shown(plain) };
  const here = getAccessCookie(c, needs, id);
  const way = { connect: `/connect/${id}?${new URLSearchParams({ to })}`, returnPath: to };
  const nobody = { ...lender, fields: shown(plain), consent: { ...way, account: null, error: null } };
  if (!here || lapsed || problems.some(({ path }) => path === "access.token")) return nobody;
  const looked = await connect.consent.loadQuestions({ token: here.token }, plan).catch((error: unknown) => {
    if (error instanceof OperationalError) return error;
    throw error;
  });
  if (looked instanceof OperationalError && looked.lapsed) return nobody;
  const error = looked instanceof OperationalError ? { message: looked.message, fix: looked.next } : null;
  const { fields, make }: AccessQuestions = looked instanceof OperationalError ? { fields: plain } : looked;
  const making = make && { ...make, fields: make.fields.map((field) => filledIn(field, {}, [])) };
  return { ...lender, fields: shown(fields), consent: { ...way, account: here.who, error, create: making } };
}

const placed = ({ fields = [], locationFields: place }: AccessMethod) =>
  fields.filter(({ name }) => !place || place.includes(name));

function filledIn(field: AccessField, lent: Record<string, unknown>, problems: Note[]) {
  const typed = Object.hasOwn(lent, field.name) ? lent[field.name] : field.defaultValue;
  const wrong = problems.find(({ path }) => path === `access.${field.name}`);
  return {
    ...field,
    value: field.type !== "password" && typeof typed === "string" ? typed : "",
    problem: wrong?.message ?? null,
    fix: wrong?.fix ?? "",
  };
}

/** What this browser lends by itself, with what was typed or sent. */
export function accessInput(c: Context, needs: Needs, { id, connect }: Cloud, lent: Record<string, unknown>) {
  const here: Access = connect.consent ? { token: getAccessCookie(c, needs, id)?.token ?? "" } : {};
  return { visitor: getVisitorKey(c) ?? undefined, ...here, ...lent };
}
