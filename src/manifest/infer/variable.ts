import type { Generator, Variable } from "../../app.ts";
import { looksLikeExample } from "./placeholder.ts";

/** What a manifest declares about a variable. Everything else is inferred from name and default. */
export interface VariableDeclaration {
  description?: string;
  value?: string | undefined;
  required?: boolean | undefined;
  secret?: boolean | undefined;
  generator?: Generator | null;
  options?: string[] | null;
  type?: Variable["type"] | undefined;
}

export const secretGenerator: Generator = { kind: "hex", length: 64 };

/** Creates a variable from its declaration. */
export function variable(name: string, declaration: VariableDeclaration): Variable {
  const value = declaration.value === "" ? undefined : declaration.value;
  const generator = declaration.generator ?? null;
  const secret = declaration.secret ?? (generator !== null || isSecret(name, value));
  const isExample = value !== undefined && looksLikeExample(value, secret);
  const fallback = generator !== null || isExample || value === undefined ? null : value;
  const options = declaration.options ?? (/^(True|False)$/.test(fallback ?? "") ? ["True", "False"] : null);
  return {
    name,
    description: declaration.description ?? "",
    type: declaration.type ?? (options ? "text" : typeOf(name, declaration.description ?? "", fallback)),
    required: declaration.required ?? true,
    default: fallback,
    placeholder: isExample ? (value ?? null) : null,
    secret,
    generator,
    options,
  };
}

const secretWord =
  /(^|[_.-])(SECRETS?|KEYS?|PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|TOKEN|CREDENTIALS?|SALT|PEPPER|PRIVATE|SESSION_STRING)(_?(BASE|BASE64|HASH|VALUE|\d+))?$/;
const publicWord = /PUBLIC|PUBLISHABLE|SITE_?KEY|KEY_?(ID|NAME|PREFIX)$/;
const credentialUrl =
  /(^|_)(DATABASE|DB|POSTGRES|POSTGRESQL|PG|MYSQL|MONGO|MONGODB|MONGOLAB|REDIS|AMQP|RABBITMQ|CLOUDAMQP|CLOUDINARY|SMTP|MAILER|DATABASE_CONNECTION)_?(URL|URI|DSN)$/;

/** Returns whether a variable holds a secret. */
export function isSecret(name: string, value: string | undefined): boolean {
  const upper = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  if (publicWord.test(upper) || /^(true|false|\d{1,6})$/i.test(value ?? "")) return false;
  return secretWord.test(upper) || /PASSWORD$|TOKEN$/.test(upper) || credentialUrl.test(upper);
}

const numericName =
  /(^|_)(PORT|COUNT|SIZE|LIMIT|MAX|MIN|TIMEOUT|INTERVAL|SECONDS?|SECS|MINUTES?|MINS|HOURS?|DAYS?|TTL|LENGTH|CONCURRENCY|THREADS?|WORKERS?|BYTES|RETRIES|AGE|MB|KB|POOL|REDIRECTS|HIGH|LOW|TOP|BOTTOM|DURATION|EXPIRY)(_|$)/;

/** Infers a type only if it is certain: a wrong one would reject valid answers. */
function typeOf(name: string, description: string, value: string | null): Variable["type"] {
  if (value === "true" || value === "false") return "boolean";
  if (value !== null && /[\r\n]/.test(value)) return "multiline";
  const upper = name.toUpperCase();
  if (value !== null) {
    if (/^\d{1,15}$/.test(value)) return numericName.test(upper) ? "number" : "text";
    if (/^https?:\/\/[^\s]+$/.test(value) && /(^|_)(URL|URI)$/.test(upper)) return "url";
    if (/^[^\s@<>]+@[^\s@<>]+\.[a-z]+$/i.test(value) && /MAIL|SENDER|FROM/.test(upper)) return "email";
    return "text";
  }
  if (/(^|_)(URL|URI)$/.test(upper) && !/\b(path|prefix|list|comma|without|host ?name)\b/i.test(description))
    return "url";
  if (/(^|_)E?MAIL(_ADDRESS)?$/.test(upper) && !/\b(true|enable|server|host|comma|list)\b/i.test(description)) {
    return "email";
  }
  return "text";
}

/** Returns whether a container environment can hold the name. Dots and dashes work, but not in shells. */
export const isEnvName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/.test(name) && name !== "__proto__";

export const isShellName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
