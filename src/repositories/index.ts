import type { Address, Repositories, ResolvedAddress } from "../repo.ts";

/** All hosts as one: each address goes to where its repository is. */
export function repositories(hosts: Record<Address["host"], Repositories>): Repositories {
  return {
    open: (address) => hosts[address.host].open(address),
    download: (source, into, signal) => hosts[source.address.host].download(source, into, signal),
  };
}

type Remote = Repositories & { settle(address: Address & { rest?: string }): Promise<ResolvedAddress> };

/** A host that is loaded when it is first asked: a start should not wait for what nobody may need. */
export function lazyHost(load: () => Promise<Remote>): Remote {
  let loading: Promise<Remote> | undefined;
  const host = () => {
    loading ??= load();
    return loading;
  };
  return {
    open: async (address) => (await host()).open(address),
    download: async (source, into, signal) => (await host()).download(source, into, signal),
    // Only what somebody pasted with a rest is a question for the host.
    settle: async ({ rest, ...address }) =>
      rest === undefined ? { ok: true, address } : (await host()).settle({ ...address, rest }),
  };
}
