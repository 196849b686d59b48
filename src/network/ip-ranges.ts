import { BlockList, isIP, isIPv4 } from "node:net";

/** Networks a request may reach: `public` the internet only, `loopback` also this machine, `private` also its networks. */
export type AllowedNetwork = "public" | "loopback" | "private";
export type AddressClass = "public" | "loopback" | "private" | "never";

const blockList = (...networks: string[]) => {
  const block = new BlockList();
  for (const network of networks) {
    const [address = "", length = ""] = network.split("/");
    block.addSubnet(address, Number(length), isIPv4(address) ? "ipv4" : "ipv6");
  }
  return block;
};

const loopback = blockList("127.0.0.0/8", "::1/128");
const privateUse = blockList("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

// Cloud metadata services, which serve a machine's credentials. Azure's and Alibaba's are in ordinary ranges:
// https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
const metadata = blockList("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::/32");

// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
const special = blockList(
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
/** The allocated part of IPv6; the rest is special or unassigned. */
const unicast = blockList("2000::/3");
const mapped = blockList("::ffff:0:0/96");
const translated = blockList("64:ff9b::/96");

/** Classifies an IP address; no request for a stranger may reach `never`. */
export function classifyAddress(address: string): AddressClass {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return "never";
  const family = version === 4 ? "ipv4" : "ipv6";
  // The last four bytes are the destination: for the system itself, or for a NAT64 gateway.
  if (version === 6 && (mapped.check(address, family) || translated.check(address, family)))
    return classifyAddress(lastFour(address));
  if (metadata.check(address, family) || special.check(address, family)) return "never";
  if (loopback.check(address, family)) return "loopback";
  if (privateUse.check(address, family)) return "private";
  return version === 4 || unicast.check(address, family) ? "public" : "never";
}

/** Returns the last four bytes of an IPv6 address as an IPv4 address. */
function lastFour(address: string): string {
  // The URL parser normalizes the address: no dots, and `::` for the longest run of zeros.
  const { hostname } = new URL(`http://[${address}]`);
  const [low = "0", high = "0"] = hostname.slice(1, -1).replace(/^.*::/, "").split(":").filter(Boolean).toReversed();
  return [high, low].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]).join(".");
}

const allowedClasses: Record<AllowedNetwork, AddressClass[]> = {
  public: ["public"],
  loopback: ["public", "loopback"],
  private: ["public", "loopback", "private"],
};

export const isAllowed = (address: string, reach: AllowedNetwork) =>
  allowedClasses[reach].includes(classifyAddress(address));
