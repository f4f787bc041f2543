import fc from "fast-check";

/** Property-based tests try a hundred cases; `npm run soak` says how many more. */
const runs = Number(process.env.PROPERTY_RUNS ?? "100");
fc.configureGlobal({ numRuns: runs });
