console.log("Looking for the table of accounts");
if (process.env.FIXED !== "yes") {
  console.error("There is no table of accounts. This example fails on purpose; with FIXED=yes it goes on.");
  process.exit(3);
}
console.log("It is there");
