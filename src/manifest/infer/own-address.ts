/** Domains under which platforms publish apps: an address there is that of the author's own deployment. */
const platformHost =
  /^[\w.{}<>$ -]*\.?(herokuapp\.com|fly\.dev|onrender\.com|up\.railway\.app|ondigitalocean\.app|vercel\.app|netlify\.app|azurewebsites\.net)$/i;
const loopbackHost = /^(localhost|127\.0\.0\.1|0\.0\.0\.0)$/i;

const urlName = /(^|_)(URL|URI|ORIGIN|ADDRESS|ENDPOINT|LINK)S?$/;
const hostName = /(^|_)(HOST|HOSTS|HOSTNAME|DOMAIN|DOMAINS|FQDN)$/;
/** Names that mean the app itself; `API_URL` or `REDIS_URL` may be anything. */
const ownName =
  /^(\w+_)?(APP|APPLICATION|SITE|WEBSITE|WEB|PUBLIC|ROOT|BASE|SELF|CANONICAL|EXTERNAL|INSTANCE|NEXTAUTH|HEROKU|RENDER_EXTERNAL|SERVER|HOME)(_APP|_BASE|_ROOT|_PUBLIC|_SITE)?_(URL|URI|ORIGIN|HOST|HOSTNAME|DOMAIN)$/;
const ownDescription =
  /\b(url|uri|address|domain|host ?name|origin)\b[^.\n]{0,40}\b(of|for|where)\b[^.\n]{0,20}\b(this|your|the)\b[^.\n]{0,20}\b(app|application|instance|deployment|site|website|server|bot)\b|\byour[^.\n]{0,12} (app|site|instance)('s)? (url|address|domain|host)|herokuapp\.com|onrender\.com|fly\.dev/i;
const elsewhere =
  /\b(redis|database|postgres|mysql|mongo|smtp|webhook|slack|discord|api server|other|external service)\b/i;

/**
 * Returns `${app.url}` or `${app.host}`, with the path that follows, for a variable that holds the app's own address;
 * null for any other. Only the cloud knows it, so nobody is asked for it.
 */
export function ownAddress(name: string, value: string | undefined, description: string): string | null {
  const upper = name.toUpperCase();
  const [wantsUrl, wantsHost] = [urlName.test(upper), hostName.test(upper)];
  if (value !== undefined) {
    if (value.length > 300) return null;
    const [, scheme = "", host = "", path = ""] =
      /^(https?:\/\/)?([^/:?#]*)(?::(?:\d{1,5}|PORT|\$\{?PORT\}?))?((?:[/?#]\S*)?)$/i.exec(value) ?? [];
    const isOwn = platformHost.test(host) || (loopbackHost.test(host) && ownName.test(upper));
    if (!isOwn) return null;
    if (scheme !== "") return `\${app.url}${path === "/" ? "" : path}`;
    return wantsUrl && path === "" && !wantsHost ? "${app.url}" : path === "" ? "${app.host}" : null;
  }
  if (!wantsUrl && !wantsHost) return null;
  const isOwn = ownDescription.test(description) && !elsewhere.test(`${name.replaceAll("_", " ")} ${description}`);
  if (!isOwn && !(ownName.test(upper) && (description === "" || /\b(this|your|public|base|app)\b/i.test(description))))
    return null;
  return wantsUrl ? "${app.url}" : "${app.host}";
}
