import type { Generator, Variable } from "../../app.ts";
import { short } from "../syntax/diagnostics.ts";
import { ownAddress } from "./own-address.ts";
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

/** A sentence on how a declaration was understood. */
export interface VariableNote {
  message: string;
  fix: string;
}

/** Creates a variable from its declaration. */
export const variable = (name: string, declaration: VariableDeclaration): Variable =>
  describeVariable(name, declaration).variable;

/** Creates a variable, with a note if its value was not taken as it is; null if there is nothing to say. */
export function describeVariable(
  name: string,
  declaration: VariableDeclaration,
): { variable: Variable; note: VariableNote | null } {
  const { description = "", generator: declaredGenerator = null } = declaration;
  const written = declaration.value === "" ? undefined : declaration.value;
  const own = declaredGenerator === null && declaration.secret !== true ? ownAddress(name, written, description) : null;
  const value = own ?? written;
  const secret =
    declaration.secret ?? (declaredGenerator !== null || (isSecret(name, value) && !namesColumn(description)));
  const isResolved = /\$\{(app\.(url|host|name)|region|cloud)\}/.test(value ?? "");
  const isExample = value !== undefined && !isResolved && looksLikeExample(value, secret);
  const isExposed = value !== undefined && !isExample && secret && declaredGenerator === null && !isResolved;
  const generator =
    declaredGenerator ?? (isExposed && selfMadeSecret.test(name.toUpperCase()) ? secretGenerator : null);
  const fallback = generator !== null || isExample || isExposed || value === undefined ? null : value;
  const options = declaration.options ?? (/^(True|False)$/.test(fallback ?? "") ? ["True", "False"] : null);
  return {
    variable: {
      name,
      description,
      type: declaration.type ?? (options ? "text" : typeOf(name, description, fallback)),
      required: declaration.required ?? !(value === undefined && monitoringName.test(name.toUpperCase())),
      default: fallback,
      placeholder: isExample ? (value ?? null) : null,
      secret,
      generator,
      options,
    },
    note: noteOn(name, { isExample, isExposed, secret, value: value ?? "", isGenerated: generator !== null }),
  };
}

function noteOn(
  name: string,
  found: { isExample: boolean; isExposed: boolean; secret: boolean; value: string; isGenerated: boolean },
): VariableNote | null {
  if (found.isExample) {
    const message = `\`${short(found.value)}\` is an example, so visitors are asked for their own.`;
    const generate = 'Have it made: `"generator": "secret"` in an app.json.';
    const own = "Give a value that works for everyone, or the app's own address as `${app.url}`, in an app.json.";
    return { message, fix: found.secret ? generate : own };
  }
  if (!found.isExposed) return null;
  const instead = found.isGenerated ? "one is made for each visitor" : "visitors are asked for their own";
  const message = `Everyone can read the value of the secret \`${short(name)}\` here, so ${instead}.`;
  return { message, fix: 'Remove the value, or have one made: `"generator": "secret"` in an app.json.' };
}

/** Secrets that only the app itself has to know, so that any random value will do. */
const selfMadeSecret =
  /^(\w+_)?(SECRET_KEY(_BASE)?|APP_SECRET|SESSION_SECRET|JWT_SECRET|COOKIE_SECRET|AUTH_SECRET|NEXTAUTH_SECRET)$/;
/** Keys of services that watch an app, which runs without them. */
const monitoringName =
  /^(\w+_)?(SENTRY|HONEYBADGER|BUGSNAG|ROLLBAR|AIRBRAKE|RAYGUN|NEW_?RELIC|APPSIGNAL|SCOUT|SKYLIGHT|LIBRATO|DATADOG|DD|LOGTAIL|LOGDNA|LOGGLY|PAPERTRAIL|HONEYCOMB|ELASTIC_APM|GOOGLE_ANALYTICS|GA|GTM|PLAUSIBLE|POSTHOG|MIXPANEL|SEGMENT)_(\w+_)?(DSN|KEY|TOKEN|ID|URL|LICENSE|ENDPOINT|DOMAIN)$/;

/** Returns whether the variable holds the name of a column or field, whatever its own name suggests. */
const namesColumn = (description: string): boolean =>
  /\b(column|field|header|claim|attribute)\b.{0,30}\b(holds?|contains?|with|for|of|that|which|name)\b|\bname of (the|a) .{0,20}(column|field|header|claim|attribute)\b/i.test(
    description.slice(0, 500),
  );

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
  if (isMultiline(upper, description)) return "multiline";
  if (/^(USE|ENABLE|DISABLE|ALLOW|REQUIRE|SEND|HAS|IS|SKIP|NO|WITH)_/.test(upper)) return "text";
  if (/(^|_)E?MAIL(_ADDRESS)?$/.test(upper) && !/\b(true|enable|server|host|comma|list)\b/i.test(description)) {
    return "email";
  }
  return "text";
}

/** Returns whether a variable holds several lines: a PEM file, or credentials as JSON. */
const isMultiline = (upper: string, description: string): boolean =>
  !/BASE64|_PATH$|_FILE$|_ID$/.test(upper) &&
  (/(^|_)(PEM|CERT|CERTIFICATE|CA_CERT|PRIVATE_KEY|SSH_KEY|CREDENTIALS_JSON|SERVICE_ACCOUNT(_JSON|_KEY)?|KEYFILE_JSON|JSON_KEY)$/.test(
    upper,
  ) ||
    /-----BEGIN|\bPEM\b|\b(contents?|text) of (the|your|a) .{0,30}\b(file|key|certificate)\b|\bservice account\b.{0,30}\bjson\b/i.test(
      description.slice(0, 500),
    ));

/** Returns whether a container environment can hold the name. Dots and dashes work, but not in shells. */
export const isEnvName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/.test(name) && name !== "__proto__";

export const isShellName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
