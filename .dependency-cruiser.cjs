const adapters = [
  "transcription",
  "objections",
  "language-model",
  "suggestions",
  "recording",
  "persistence",
  "privacy",
  "realtime",
  "exports",
  "access",
  "rest",
  "client",
  "platform",
];

/** The one way: contract <- call <- everything else; the folders of lib never import each other. */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "contract-imports-nothing-of-ours",
      severity: "error",
      from: { path: "^lib/contract/" },
      to: { path: "^(lib/(?!contract/)|app/|workers/|bin/|server\\.ts)" },
    },
    {
      name: "call-knows-only-the-contract",
      severity: "error",
      from: { path: "^lib/call/" },
      to: {
        path: "^(lib/(?!contract/|call/)|app/|workers/|bin/|server\\.ts|node_modules/(?!zod|vitest|fast-check))",
      },
    },
    ...adapters.map((folder) => ({
      name: `${folder}-imports-no-other-folder`,
      severity: "error",
      from: { path: `^lib/${folder}/` },
      to: { path: `^(lib/(?!contract/|call/|${folder}/)|app/|workers/|bin/|server\\.ts)` },
    })),
    {
      name: "client-sees-contract-and-client",
      severity: "error",
      from: { path: "^lib/client/" },
      to: { path: "^lib/(?!contract/|client/)" },
    },
    {
      name: "only-the-container-is-reached-from-app",
      severity: "error",
      from: { path: "^app/", pathNot: "route\\.tsx?$|\\.test\\.tsx?$" },
      to: {
        path: "^lib/(?!contract/|client/|call/(transcription-)?ports\\.ts$|platform/container\\.ts$|platform/config\\.ts$)",
      },
    },
    {
      name: "route-handlers-parse-call-respond",
      severity: "error",
      from: { path: "^app/.*route\\.tsx?$" },
      to: { path: "^lib/(?!contract/|call/(desk|errors|ports)\\.ts$|rest/|platform/container\\.ts$)" },
    },
    {
      name: "compose-is-for-entries",
      severity: "error",
      from: { pathNot: "^(server\\.ts|bin/|bench/|eval/|test/|e2e/|lib/compose)" },
      to: { path: "^lib/compose\\.ts$" },
    },
    {
      name: "only-compose-puts-engines-together",
      severity: "error",
      from: { pathNot: "^(lib/compose\\.ts$|bench/)" },
      to: { path: "^lib/compose-(engines|playbooks)\\.ts$" },
    },
    {
      name: "only-persistence-knows-prisma",
      severity: "error",
      from: { pathNot: "^(lib/persistence/|prisma)" },
      to: { path: "node_modules/(@prisma|prisma|libsql)/" },
    },
    {
      name: "only-realtime-knows-socket-io",
      severity: "error",
      from: { pathNot: "^(lib/realtime/|server\\.ts|test/|bench/)" },
      to: { path: "node_modules/(socket\\.io|engine\\.io)/" },
    },
    {
      name: "sockets-are-of-realtime-and-of-the-deepgram-engine",
      severity: "error",
      from: { pathNot: "^(lib/realtime/|lib/transcription/deepgram/|server\\.ts|test/|bench/)" },
      to: { path: "node_modules/ws/" },
    },
    {
      name: "only-its-engine-knows-deepgram",
      severity: "error",
      from: { pathNot: "^lib/transcription/deepgram/" },
      to: { path: "node_modules/@deepgram/" },
    },
    {
      name: "only-language-model-knows-its-sdk",
      severity: "error",
      from: { pathNot: "^lib/language-model/" },
      to: { path: "node_modules/openai/" },
    },
    {
      name: "only-client-knows-socket-io-client",
      severity: "error",
      from: { pathNot: "^(lib/client/|lib/realtime/.*(test|testing|conformance)|test/|e2e/|bench/)" },
      to: { path: "node_modules/socket\\.io-client/" },
    },
    {
      name: "tests-are-not-imported",
      severity: "error",
      from: { pathNot: "\\.test\\.tsx?$|/testing/|conformance|^(test|e2e|bench)/" },
      to: { path: "\\.test\\.tsx?$|/testing/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(\\.next|dist|lib/persistence/generated|public/worklets)" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "types"],
    },
  },
};
