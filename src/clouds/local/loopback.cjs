// Apps that were started before this file moved still name its old path in NODE_OPTIONS.
require("./provision/processes/loopback.cjs");
