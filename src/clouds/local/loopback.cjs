// Running apps that were started before the file moved still name this path in NODE_OPTIONS.
require("./provision/processes/loopback.cjs");
