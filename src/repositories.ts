import type { Address, Repositories } from "./repo.ts";

/** All hosts as one: each address goes to where its repository is. */
export function repositories(hosts: Record<Address["host"], Repositories>): Repositories {
  return {
    open: (address) => hosts[address.host].open(address),
    download: (source, into, signal) => hosts[source.address.host].download(source, into, signal),
  };
}
