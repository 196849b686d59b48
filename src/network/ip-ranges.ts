import { BlockList, isIP, isIPv4 } from "node:net";

/**
 * How far an address may lead: `public` to the internet only, `loopback` also to this machine, `private` also to the
 * networks this machine is in.
 */
export type AllowedNetwork = "public" | "loopback" | "private";
export type AddressClass = "public" | "loopback" | "private" | "never";

const list = (...networks: string[]) => {
  const block = new BlockList();
  for (const network of networks) {
    const [address = "", length = ""] = network.split("/");
    block.addSubnet(address, Number(length), isIPv4(address) ? "ipv4" : "ipv6");
  }
  return block;
};

const loopback = list("127.0.0.0/8", "::1/128");
const own = list("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

// Where clouds answer a machine with its own credentials. Azure's and Alibaba's stand among ordinary addresses:
// https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
const metadata = list("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::/32");

// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
const special = list(
  "0.0.0.0/8",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
);
/** What is handed out of IPv6 so far; all else is either special or nobody's. */
const unicast = list("2000::/3");
const mapped = list("::ffff:0:0/96");
const translated = list("64:ff9b::/96");

/** What kind of place an IP address is; `never` are those that no request of a stranger's may reach. */
export function classifyAddress(address: string): AddressClass {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return "never";
  const family = version === 4 ? "ipv4" : "ipv6";
  // The last four bytes are the address that is meant: by the system itself, or by a translator on the way (NAT64).
  if (version === 6 && (mapped.check(address, family) || translated.check(address, family)))
    return classifyAddress(lastFour(address));
  if (metadata.check(address, family) || special.check(address, family)) return "never";
  if (loopback.check(address, family)) return "loopback";
  if (own.check(address, family)) return "private";
  return version === 4 || unicast.check(address, family) ? "public" : "never";
}

/** The last four bytes of an IPv6 address, as an IPv4 address. */
function lastFour(address: string): string {
  // Written in the one way that URLs are, which has no dots, and `::` in place of the zeros in the middle.
  const { hostname } = new URL(`http://[${address}]`);
  const [low = "0", high = "0"] = hostname.slice(1, -1).replace(/^.*::/, "").split(":").filter(Boolean).toReversed();
  return [high, low].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]).join(".");
}

const allowed: Record<AllowedNetwork, AddressClass[]> = {
  public: ["public"],
  loopback: ["public", "loopback"],
  private: ["public", "loopback", "private"],
};

export const isAllowed = (address: string, reach: AllowedNetwork) => allowed[reach].includes(classifyAddress(address));
