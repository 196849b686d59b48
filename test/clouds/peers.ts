import { awsPeer } from "./aws/peer.ts";
import { gcpPeer } from "./gcp/peer.ts";
import { localPeer } from "./local/peer.ts";
import type { PeerModule } from "./peer.ts";

/** Every cloud that keeps the contract. */
export const peers: PeerModule[] = [
  localPeer,
  awsPeer,
  gcpPeer, //
];
