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

interface FormState {
  /** The access fields as typed; secrets are not shown again. */
  input: Record<string, unknown>;
  problems: Note[];
  /** The path of the page with the form, to return to from the cloud. */
  returnPath: string;
  /** The plan to create; absent for a removal, which only needs to know where the app is. */
  plan?: Plan;
  /** Whether the grant in this browser is known to have expired. */
  isExpired?: boolean;
}

/** Returns the access step of a form: the fields to fill in, the connected account and what is wrong with either. */
export async function accessForm(
  c: Context,
  needs: Needs,
  { id, connect }: Cloud,
  { input, problems, returnPath, plan, isExpired }: FormState,
) {
  const fillAll = (fields: AccessField[]) => fields.map((field) => fillField(field, input, problems));
  const staticFields = plan ? (connect.fields ?? []) : locationFields(connect);
  const step = {
    id,
    needsNoAccess: connect.kind === "none",
    explain: connect.unavailableReason ?? connect.summary,
    unavailable: connect.unavailableReason !== undefined,
    page: connect.setupPath,
  };
  if (!connect.consent) return { ...step, fields: fillAll(staticFields) };
  const grant = getAccessCookie(c, needs, id);
  const links = { connect: `/connect/${id}?${new URLSearchParams({ to: returnPath })}`, returnPath };
  const notConnected = {
    ...step,
    fields: fillAll(staticFields),
    consent: { ...links, account: null, error: null },
  };
  if (!grant || isExpired || problems.some(({ path }) => path === "access.token")) return notConnected;
  const loaded = await connect.consent.loadQuestions({ token: grant.token }, plan).catch((error: unknown) => {
    if (error instanceof OperationalError) return error;
    throw error;
  });
  if (loaded instanceof OperationalError && loaded.lapsed) return notConnected;
  const error = loaded instanceof OperationalError ? { message: loaded.message, fix: loaded.next } : null;
  const { fields, make }: AccessQuestions = loaded instanceof OperationalError ? { fields: staticFields } : loaded;
  const create = make && { ...make, fields: make.fields.map((field) => fillField(field, {}, [])) };
  return { ...step, fields: fillAll(fields), consent: { ...links, account: grant.account, error, create } };
}

const locationFields = ({ fields = [], locationFields: names }: AccessMethod) =>
  fields.filter(({ name }) => !names || names.includes(name));

function fillField(field: AccessField, input: Record<string, unknown>, problems: Note[]) {
  const value = Object.hasOwn(input, field.name) ? input[field.name] : field.defaultValue;
  const problem = problems.find(({ path }) => path === `access.${field.name}`);
  return {
    ...field,
    value: field.type !== "password" && typeof value === "string" ? value : "",
    problem: problem?.message ?? null,
    fix: problem?.fix ?? "",
  };
}

/** Returns the access that a request brings: the browser's visitor key and grant, then the submitted fields. */
export function accessInput(c: Context, needs: Needs, { id, connect }: Cloud, fields: Record<string, unknown>) {
  const grant: Access = connect.consent ? { token: getAccessCookie(c, needs, id)?.token ?? "" } : {};
  return { visitor: getVisitorKey(c) ?? undefined, ...grant, ...fields };
}
