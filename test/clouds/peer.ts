import type { Access, Cloud } from "../../src/clouds/cloud.ts";
import type { PeerName } from "../harness/peers.ts";

/** A cloud with everything that it talks to: a fake of the vendor, or this machine. */
export interface Peer {
  cloud: Cloud;
  /** Returns access as a visitor grants it. */
  grant(): Promise<Access>;
  /** Returns the name of every mutating request so far. */
  requests(): string[];
  /** Refuses the next mutating request of this name, once. Returns the vendor's words. */
  refuse(request: string): string;
  /**
   * Lists everything that belongs to deployments: empty when nothing is left. What the vendor draws at random is
   * replaced, so that two deployments of the same app differ only where their ids do.
   */
  inventory(): Promise<string[]>;
  /** Returns every credential that this peer has issued. */
  credentials(): string[];
  /** Releases what the peer holds. Throws what went wrong inside it. */
  end(): Promise<void>;
}

export interface PeerModule {
  /** As test titles name it. */
  name: string;
  /** Programs without which this cloud has no database. */
  databasePrograms: PeerName[];
  /** Whether the vendor creates everything after one request, so that steps only report its progress. */
  hasStackEngine?: boolean;
  start(): Promise<Peer>;
}
