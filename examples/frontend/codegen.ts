import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  // Elsewhere: the address of a running gateway.
  schema: "../../schema.graphql",
  documents: "src/**/*.tsx",
  generates: {
    "src/graph/": {
      preset: "client",
      config: {
        // What the gateway's own scalars are in JSON.
        scalars: { BigInt: "number", DateTime: "string" },
        strictScalars: true,
        enumsAsTypes: true,
        useTypeImports: true,
      },
    },
  },
};

export default config;
