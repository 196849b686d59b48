// Defaults in real manifests that are only examples.
const examples: readonly RegExp[] = [
  /^(?!.*<\/).*<[A-Za-z][\w .-]{1,40}>/s,
  /\{[^{}]{0,20}(your|app|domain|host)[^{}]{0,20}\}/i,
  /(^|[^A-Za-z])CHANGE([^A-Za-z]|$)/,
  /(change|update|replace|set|edit)[-_ ]?(me|this|it|with)(?![a-z])/i,
  /(^|[^a-z])your(?!s\b|self|ls\b)/i,
  /(HEROKU_)?APP_?NAME|appname\./,
  /\.(herokuapp\.com|fly\.dev|onrender\.com|up\.railway\.app|ondigitalocean\.app|vercel\.app)\b/i,
  /(^|[@./])example\.(com|org|net)\b/i,
  /(^|[^a-z])(insert|enter|paste|put)[-_ ].{0,40}here\b/i,
  /^[a-z]+:\/\/(localhost|127\.0\.0\.1)\b/i,
  /^(localhost|127\.0\.0\.1)(:\d+)?$/,
  /^FIX_?ME$/i,
  /^x{3,}(\.|$)|x{5,}/i,
  /@(your|my)?(domain|company|email|mail|server|host)\.(com|org|net|tld)\b/i,
  /:(password|passwd|pass|secret|pwd)@/i,
  /(needs?|must|has|have)[-_ ]to[-_ ]be[-_ ]\w+|to[-_ ]be[-_ ](set|changed|modified|replaced|filled)/i,
  /^\.\.\.$|^TODO\b/,
  /^\+?12345678/,
  /^my[-_ ]?(app|master|secret|access|api|client)[-_ ]?(id|key|name|secret|token)?$/i,
];

const knownSecrets =
  /^(secret|password|passw0rd|changeit|changeme|admin|root|test|test123|demo|default|123456?7?8?9?0?|foo|bar|foobar|qwerty|letmein|postgres|supersecret|s3cr3t|keyboard cat|YourKeyHere)$/i;

/** Returns whether a default is an example that cannot be used. */
export const looksLikeExample = (value: string, secret: boolean): boolean =>
  value.length <= 500 &&
  (examples.some((example) => example.test(value)) || (secret && knownSecrets.test(value.trim())));
