import type { Address, Repositories, ResolvedAddress } from "../repo.ts";

/** Dispatches each address to its host. */
export function repositories(hosts: Record<Address["host"], Repositories>): Repositories {
  return {
    open: (address) => hosts[address.host].open(address),
    download: (source, into, signal) => hosts[source.address.host].download(source, into, signal),
  };
}

type Remote = Repositories & { settle(address: Address & { rest?: string }): Promise<ResolvedAddress> };

/** Loads a host on its first use, so that start-up does not wait for it. */
export function lazyHost(load: () => Promise<Remote>): Remote {
  let loading: Promise<Remote> | undefined;
  const host = () => {
    loading ??= load();
    return loading;
  };
  return {
    open: async (address) => (await host()).open(address),
    download: async (source, into, signal) => (await host()).download(source, into, signal),
    // Only a pasted `/tree/...` needs the host.
    settle: async ({ rest, ...address }) =>
      rest === undefined ? { ok: true, address } : (await host()).settle({ ...address, rest }),
  };
}
