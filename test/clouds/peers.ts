import { awsPeer } from "./aws/peer.ts";
import { gcpPeer } from "./gcp/peer.ts";
import { localPeer } from "./local/peer.ts";
import { paperPeer } from "./paper.ts";
import type { PeerModule } from "./peer.ts";

/** The peer of every cloud that keeps the contract. */
export const peers: PeerModule[] = [
  localPeer,
  awsPeer,
  gcpPeer,
  paperPeer, //
];
